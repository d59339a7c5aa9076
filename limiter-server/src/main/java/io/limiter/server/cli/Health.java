package io.limiter.server.cli;

import io.limiter.server.certificate.OwnPort;
import io.limiter.server.certificate.PemIdentity;
import io.limiter.server.certificate.ServerTls;
import io.limiter.server.cli.console.Console;
import io.limiter.server.cli.console.VersionText;
import io.limiter.server.cli.option.OptionTypes;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.InetSocketAddress;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import javax.net.ssl.HttpsURLConnection;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;

/**
 * Asks a service on this host for a page of its HTTP port, wherever that was told to be: by the
 * flags and variables that the process was started with, as Linux tells them, or by its file.
 */
@Command(
    name = "health",
    description = "Asks the service in this container whether it is well.",
    mixinStandardHelpOptions = true,
    versionProvider = VersionText.class,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:the page is answered with 200",
      "1:it is answered with another status, or not within 5s",
      "2:there is no such process, or a flag is wrong"
    })
final class Health implements Callable<Integer> {
  private static final int EXIT_UNWELL = 1;
  private static final int PATIENCE_MILLIS = 5_000;

  @Option(
      names = "--process",
      paramLabel = "PID",
      converter = OptionTypes.ProcessId.class,
      description = "Process of the service. Default: 1, as in a container.")
  private long process = 1;

  @Parameters(
      paramLabel = "PAGE",
      arity = "0..1",
      description = "Such as /readyz. Default: /livez.")
  private String page = "/livez";

  @Mixin private final Console console = new Console();

  @Override
  public Integer call() {
    if (!page.startsWith("/")) {
      throw console.refusal(
          "PAGE: \"%s\" is no path; write one, such as /livez or /readyz".formatted(page));
    }
    Optional<ListenOptions> listens = listens();
    if (listens.isEmpty()) {
      return Main.EXIT_USAGE;
    }
    InetSocketAddress port = listens.get().http();
    Optional<ServerTls> tls;
    try {
      tls = listens.get().httpTls();
    } catch (ParameterException unusable) {
      console.complain(String.valueOf(unusable.getMessage()));
      return EXIT_UNWELL;
    }
    String scheme = tls.isEmpty() ? "http" : "https";
    try {
      String host = port.getAddress().getHostAddress();
      URL url = new URL(scheme, host.contains(":") ? "[" + host + "]" : host, port.getPort(), page);
      int status = status(url, tls);
      console.out().println(url + " answers " + status);
      return status == 200 ? 0 : EXIT_UNWELL;
    } catch (IOException e) {
      console.complain(
          "%s at %s port %d is not answered: %s"
              .formatted(page, port.getAddress().getHostAddress(), port.getPort(), e.getMessage()));
      return EXIT_UNWELL;
    }
  }

  private static int status(URL url, Optional<ServerTls> tls) throws IOException {
    HttpURLConnection asked = (HttpURLConnection) url.openConnection();
    asked.setConnectTimeout(PATIENCE_MILLIS);
    asked.setReadTimeout(PATIENCE_MILLIS);
    asked.setInstanceFollowRedirects(false);
    if (asked instanceof HttpsURLConnection secured && tls.isPresent()) {
      PemIdentity own = tls.get().read().identity();
      secured.setSSLSocketFactory(OwnPort.tls(Optional.of(own)).getSocketFactory());
      secured.setHostnameVerifier((host, session) -> true);
    }
    try {
      return asked.getResponseCode();
    } finally {
      asked.disconnect();
    }
  }

  /** Where the process listens; empty if that cannot be told, which is complained of. */
  private Optional<ListenOptions> listens() {
    Path facts = Path.of("/proc", Long.toString(process));
    List<String> command;
    Map<String, String> environment = new HashMap<>();
    try {
      command = texts(facts.resolve("cmdline"));
      for (String variable : texts(facts.resolve("environ"))) {
        int end = variable.indexOf('=', 1);
        if (end > 0) {
          environment.put(variable.substring(0, end), variable.substring(end + 1));
        }
      }
    } catch (IOException e) {
      console.complain(
          "--process: what process %d was started with cannot be read (%s); name one that runs, and be its user"
              .formatted(process, e));
      return Optional.empty();
    }
    int serve = command.indexOf("serve");
    if (serve < 0) {
      console.complain(
          "--process: process %d does not serve; name that of limiter serve".formatted(process));
      return Optional.empty();
    }
    String[] arguments = command.subList(serve, command.size()).toArray(String[]::new);
    try {
      Object served =
          Main.commandLine(environment, arguments)
              .parseArgs(arguments)
              .subcommand()
              .commandSpec()
              .userObject();
      return Optional.of(((Serve) served).listen());
    } catch (ParameterException e) {
      console.complain("--process: %d: %s".formatted(process, e.getMessage()));
      return Optional.empty();
    }
  }

  /** What Linux writes one behind the other, each with a zero at its end. */
  private static List<String> texts(Path file) throws IOException {
    String all = new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
    return Arrays.stream(all.split("\0", -1)).filter(text -> !text.isEmpty()).toList();
  }
}
