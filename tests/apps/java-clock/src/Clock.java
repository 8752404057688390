import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.KeyStore;
import java.time.ZonedDateTime;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;

/** Tells how it is run: the version, the heap's limit, and how many authorities a TLS client would trust. */
public final class Clock {
    public static void main(String[] arguments) throws Exception {
        var server = HttpServer.create(new InetSocketAddress(Integer.parseInt(System.getenv("PORT"))), 0);
        server.createContext("/", exchange -> answer(exchange, "Java " + Runtime.version().feature() + "\n"));
        server.createContext("/heap", exchange -> answer(exchange, Runtime.getRuntime().maxMemory() / (1 << 20) + "\n"));
        server.createContext("/trusted", exchange -> answer(exchange, trusted() + "\n"));
        server.createContext("/tls", exchange -> answer(exchange, fetch(System.getenv("TLS_URL"))));
        server.createContext("/time", exchange -> answer(exchange, ZonedDateTime.now().getZone() + "\n"));
        server.start();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> server.stop(1)));
    }

    private static void answer(HttpExchange exchange, String text) throws IOException {
        var bytes = text.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(200, bytes.length);
        try (var body = exchange.getResponseBody()) {
            body.write(bytes);
        }
    }

    /** What a server answers over TLS, or why it is not trusted. */
    private static String fetch(String url) {
        try (var body = URI.create(url).toURL().openStream()) {
            return new String(body.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException fault) {
            return fault + "\n";
        }
    }

    private static int trusted() {
        try {
            var factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            factory.init((KeyStore) null);
            var count = 0;
            for (TrustManager manager : factory.getTrustManagers()) {
                if (manager instanceof X509TrustManager certificates) {
                    count += certificates.getAcceptedIssuers().length;
                }
            }
            return count;
        } catch (Exception fault) {
            throw new IllegalStateException(fault);
        }
    }
}
