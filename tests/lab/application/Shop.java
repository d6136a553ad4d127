package shop;

import jakarta.servlet.ServletException;
import jakarta.servlet.annotation.WebServlet;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;

/** Asks what is behind it once for each request, and tells at /counters how that went. */
@WebServlet("/*")
public final class Shop extends HttpServlet {
    private final Counters counters = new Counters();
    private Backend backend;

    @Override
    public void init() throws ServletException {
        try {
            backend = Backends.named(System.getProperty("shop.backend"));
        } catch (Exception problem) {
            throw new ServletException(problem);
        }
    }

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
        response.setContentType("text/plain");
        response.getWriter().print("/counters".equals(request.getPathInfo()) ? counters.text() : serve(response));
    }

    private String serve(HttpServletResponse response) {
        try {
            backend.ask();
            counters.succeeded();
            return "Thank you for your order.\n";
        } catch (Exception problem) {
            counters.failed(problem);
            response.setStatus(HttpServletResponse.SC_SERVICE_UNAVAILABLE);
            return "Sorry, not now.\n";
        }
    }
}
