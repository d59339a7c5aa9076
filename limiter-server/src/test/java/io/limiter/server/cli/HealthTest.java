package io.limiter.server.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.limiter.testing.Await;
import io.limiter.testing.Identity;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The health check asks the port that the service was started with. */
class HealthTest {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  private final List<Process> processes = new ArrayList<>();
  private HttpServer http;
  private String port;

  @TempDir Path folder;

  @BeforeEach
  void serve() throws IOException {
    assumeTrue(
        Files.isDirectory(Path.of("/proc/1")) && Files.isExecutable(Path.of("/bin/bash")),
        "needs Linux and bash");
    http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    port = Integer.toString(http.getAddress().getPort());
    for (String page : List.of("/livez", "/readyz")) {
      http.createContext(
          page,
          exchange -> {
            exchange.sendResponseHeaders(page.equals("/livez") ? 200 : 503, -1);
            exchange.close();
          });
    }
    http.start();
  }

  @AfterEach
  void stop() {
    processes.forEach(Process::destroyForcibly);
    if (http != null) {
      http.stop(0);
    }
  }

  @Test
  void port_isTheFlags_elseTheVariables_elseTheFiles() throws Exception {
    Path file = folder.resolve("limiter.yaml");
    Files.writeString(file, "bind: 127.0.0.1\nhttp-port: " + port + " # ours\n");
    Files.writeString(folder.resolve("other.yaml"), "http-port: 1\n");
    Map<String, String> variable = Map.of("LIMITER_HTTP_PORT", port);
    Map<String, String> wrong = Map.of("LIMITER_HTTP_PORT", "1");
    assertEquals(0, healthcheck(wrong, "serve", "--http-port", port));
    assertEquals(0, healthcheck(wrong, "serve", "--http-port=" + port, "--log-json"));
    assertEquals(0, healthcheck(variable, "serve"));
    assertEquals(0, healthcheck(variable, "serve", "--config", folder + "/other.yaml"));
    assertEquals(0, healthcheck(Map.of(), "serve", "--config", file.toString()));
    assertEquals(0, healthcheck(Map.of("LIMITER_CONFIG", file.toString()), "serve"));
    assertEquals(1, healthcheck(wrong, "serve"));
    assertEquals(1, healthcheck(variable, "serve", "--http-port", "1"));
  }

  @Test
  void address_isTheOneBound_orTheLoopbackOfAll() throws Exception {
    assertEquals(0, healthcheck(Map.of("LIMITER_BIND", "0.0.0.0"), "serve", "--http-port", port));
    assertEquals(0, healthcheck(Map.of(), "serve", "--bind", "127.0.0.1", "--http-port", port));
    assertEquals(1, healthcheck(Map.of(), "serve", "--bind", "127.0.0.99", "--http-port", port));
  }

  @Test
  void page_canBeNamed_andOnly200IsHealthy() throws Exception {
    Map<String, String> variable = Map.of("LIMITER_HTTP_PORT", port);
    assertEquals(1, health(started(variable, "serve"), "/readyz"));
    assertEquals(0, health(started(variable, "serve"), "/livez"));
    assertEquals(
        "http://127.0.0.1:%s/readyz answers 503%nhttp://127.0.0.1:%s/livez answers 200%n"
            .formatted(port, port),
        out.toString());
  }

  @Test
  void whatIsNotServing_isComplainedOf_withWhatToDo() throws Exception {
    assertEquals(1, healthcheck(Map.of(), "serve", "--http-port", "1"));
    assertEquals(2, healthcheck(Map.of(), "serve", "--http-port", "none"));
    assertEquals(2, health(1L << 22));
    assertEquals(2, health(ProcessHandle.current().pid()));
    assertEquals(2, health(1, "livez"));
    String said = err.toString();
    for (String part :
        List.of(
            "/livez at 127.0.0.1 port 1 is not answered: Connection refused",
            "\"none\" is not a port",
            "process 4194304 was started with cannot be read",
            "does not serve; name that of limiter serve",
            "PAGE: \"livez\" is no path; write one, such as /livez or /readyz")) {
      assertTrue(said.contains(part), said);
    }
  }

  @Test
  void aPortWithTls_isAskedOverTls() throws Exception {
    Identity identity = Identity.make(folder, "service", "san=dns:limiter");
    KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    keys.init(identity.keys(), Identity.PASSWORD.toCharArray());
    SSLContext tls = SSLContext.getInstance("TLS");
    tls.init(keys.getKeyManagers(), null, null);
    HttpsServer https =
        HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    https.setHttpsConfigurator(new HttpsConfigurator(tls));
    https.createContext(
        "/livez",
        exchange -> {
          exchange.sendResponseHeaders(200, -1);
          exchange.close();
        });
    https.start();
    try {
      String port = Integer.toString(https.getAddress().getPort());
      String certificate = identity.certificate().toString();
      String key = identity.key().toString();
      Map<String, String> variables =
          Map.of("LIMITER_HTTP_TLS_CERT", certificate, "LIMITER_HTTP_TLS_KEY", key);
      assertEquals(0, healthcheck(variables, "serve", "--http-port", port));
      long service =
          started(
              Map.of(),
              "serve",
              "--http-port",
              port,
              "--http-tls-cert",
              certificate,
              "--http-tls-key",
              key);
      assertEquals(0, health(service));
      assertEquals(1, health(service, "/readyz"));
      assertEquals(1, healthcheck(Map.of(), "serve", "--http-port", port));
    } finally {
      https.stop(0);
    }
  }

  private int healthcheck(Map<String, String> environment, String... arguments) throws Exception {
    return health(started(environment, arguments));
  }

  /** Something with the arguments and variables of a service. */
  private long started(Map<String, String> environment, String... arguments) throws IOException {
    // What follows keeps bash from becoming what it runs.
    List<String> command = new ArrayList<>(List.of("/bin/bash", "-c", "read -r _; exit"));
    command.add("limiter");
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().keySet().removeIf(name -> name.startsWith("LIMITER_"));
    builder.environment().putAll(environment);
    Process process = builder.start();
    processes.add(process);
    Await.until(() -> commandOf(process).contains("serve"));
    return process.pid();
  }

  /** Before it is the program's it is that of this Java. */
  private static String commandOf(Process process) {
    try {
      return Files.readString(Path.of("/proc", "" + process.pid(), "cmdline"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private int health(long process, String... pages) {
    List<String> arguments = new ArrayList<>(List.of("health", "--process", "" + process));
    arguments.addAll(List.of(pages));
    return Main.run(
        Map.of(),
        new PrintWriter(out, true),
        new PrintWriter(err, true),
        arguments.toArray(String[]::new));
  }
}
