package shop;

import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URL;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.apache.tomcat.jdbc.pool.DataSource;

/** The ways to ask: each as it brings the outage, and as it does not. */
final class Backends {
    private static final String JDBC_DRIVER = "org.postgresql.Driver";

    private Backends() {}

    static Backend named(String name) throws Exception {
        return switch (name) {
            case "none" -> () -> {};
            case "connection-per-query" -> connectionPerQuery(System.getProperty("shop.database"));
            case "connection-pool" -> connectionPool(System.getProperty("shop.database"));
            case "connection-per-call" -> connectionPerCall(new URL(System.getProperty("shop.api")));
            case "kept-connections" -> keptConnections(new URL(System.getProperty("shop.api")));
            default -> throw new IllegalArgumentException("no such backend: " + name);
        };
    }

    private static Backend connectionPerQuery(String url) throws ClassNotFoundException {
        Class.forName(JDBC_DRIVER);
        return () -> {
            try (Connection connection = DriverManager.getConnection(url)) {
                query(connection);
            }
        };
    }

    /** The pool that comes with Tomcat. */
    private static Backend connectionPool(String url) {
        DataSource pool = new DataSource();
        pool.setDriverClassName(JDBC_DRIVER);
        pool.setUrl(url);
        pool.setMaxActive(20);
        return () -> {
            try (Connection connection = pool.getConnection()) {
                query(connection);
            }
        };
    }

    private static void query(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet answer = statement.executeQuery("SELECT now()")) {
            answer.next();
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
        connection.getInputStream().readAllBytes();
    }
}
