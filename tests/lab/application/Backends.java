package shop;

import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URL;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import javax.naming.InitialContext;
import javax.sql.DataSource;

/** The ways to ask: each as it brings the outage, and as it does not. */
final class Backends {
    private Backends() {}

    static Backend named(String name) throws Exception {
        return switch (name) {
            case "none" -> () -> {};
            case "connection-per-query" -> connectionPerQuery(System.getProperty("shop.database"));
            case "connection-pool" -> connectionPool();
            case "connection-per-call" -> connectionPerCall(new URL(System.getProperty("shop.api")));
            case "kept-connections" -> keptConnections(new URL(System.getProperty("shop.api")));
            default -> throw new IllegalArgumentException("no such backend: " + name);
        };
    }

    private static Backend connectionPerQuery(String url) throws ClassNotFoundException {
        Class.forName("org.postgresql.Driver");
        return () -> {
            try (Connection connection = DriverManager.getConnection(url)) {
                query(connection);
            }
        };
    }

    /** Tomcat's own pool, as META-INF/context.xml describes it. */
    private static Backend connectionPool() throws Exception {
        DataSource pool = (DataSource) new InitialContext().lookup("java:comp/env/jdbc/shop");
        return () -> {
            try (Connection connection = pool.getConnection()) {
                query(connection);
            }
        };
    }

    private static void query(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement(); ResultSet result = statement.executeQuery("SELECT now()")) {
            result.next();
        }
    }

    /** Cleaned up with care, and that is what is wrong with it: disconnect() closes what could be used again. */
    private static Backend connectionPerCall(URL url) {
        return () -> {
            HttpURLConnection connection = (HttpURLConnection) url.openConnection();
            try {
                read(connection);
            } finally {
                connection.disconnect();
            }
        };
    }

    /** An answer that is read to its end leaves its connection to the next call. */
    private static Backend keptConnections(URL url) {
        return () -> read((HttpURLConnection) url.openConnection());
    }

    private static void read(HttpURLConnection connection) throws IOException {
        try (InputStream answer = connection.getInputStream()) {
            answer.readAllBytes();
        }
    }
}
