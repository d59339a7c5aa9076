package io.limiter.server.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.limiter.testing.Identity;
import java.io.IOException;
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

/** The image's health check asks the port that the service was started with. */
class HealthcheckTest {
  private static final Path SCRIPT = Documentation.ROOT.resolve("deploy/healthcheck");

  private final List<Process> processes = new ArrayList<>();
  private HttpServer http;
  private String port;

  @TempDir Path folder;

  @BeforeEach
  void serve() throws IOException {
    assumeTrue(
        Files.isDirectory(Path.of("/proc/1")) && Files.isExecutable(Path.of("/bin/bash")),
        "needs Linux and bash, as in the image");
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
    assertNotEquals(0, healthcheck(wrong, "serve"));
    assertNotEquals(0, healthcheck(variable, "serve", "--http-port", "1"));
  }

  @Test
  void address_isTheOneBound_orTheLoopbackOfAll() throws Exception {
    assertEquals(0, healthcheck(Map.of("LIMITER_BIND", "0.0.0.0"), "serve", "--http-port", port));
    assertEquals(0, healthcheck(Map.of(), "serve", "--bind", "127.0.0.1", "--http-port", port));
    assertNotEquals(0, healthcheck(Map.of(), "serve", "--bind", "127.0.0.99", "--http-port", port));
  }

  @Test
  void page_canBeNamed_andOnly200IsHealthy() throws Exception {
    Map<String, String> variable = Map.of("LIMITER_HTTP_PORT", port);
    assertEquals(1, run(variable, started("serve"), "/readyz"));
    assertEquals(0, run(variable, started("serve"), "/livez"));
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
              "serve", "--http-port", port, "--http-tls-cert", certificate, "--http-tls-key", key);
      assertEquals(0, run(Map.of(), service));
      assertEquals(1, run(Map.of(), service, "/readyz"));
      assertNotEquals(0, healthcheck(Map.of(), "serve", "--http-port", port));
    } finally {
      https.stop(0);
    }
  }

  private int healthcheck(Map<String, String> environment, String... arguments) throws Exception {
    return run(environment, started(arguments));
  }

  /** Something with the arguments of a service. */
  private long started(String... arguments) throws IOException {
    List<String> command = new ArrayList<>(List.of("/bin/bash", "-c", "read -r _; exit"));
    command.add("limiter");
    command.addAll(List.of(arguments));
    Process process = new ProcessBuilder(command).start();
    processes.add(process);
    return process.pid();
  }

  private static int run(Map<String, String> environment, long service, String... pages)
      throws Exception {
    List<String> command = new ArrayList<>(List.of(SCRIPT.toString()));
    command.addAll(List.of(pages));
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD);
    builder.environment().keySet().removeIf(name -> name.startsWith("LIMITER_"));
    builder.environment().putAll(environment);
    builder.environment().put("LIMITER_PROCESS", Long.toString(service));
    return builder.start().waitFor();
  }
}
