package io.limiter.server.cli;

import com.google.common.net.HostAndPort;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import io.limiter.server.certificate.TrustedPem;
import io.limiter.server.certificate.UnusablePemException;
import io.limiter.server.cli.console.Console;
import io.limiter.server.cli.console.VersionText;
import io.limiter.server.cli.option.OptionTypes;
import io.limiter.server.cli.option.QuestionTypes;
import io.limiter.server.cli.option.TokenOptions;
import io.limiter.server.cli.text.RulesPageText;
import io.limiter.server.program.Logs;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.HttpURLConnection;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Shows what a running service has in force, as its page {@code /rules} says it. */
@Command(
    name = "rules",
    description = "Shows the rules that a running service has in force.",
    mixinStandardHelpOptions = true,
    versionProvider = VersionText.class,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:the files are in force as they are",
      "1:they have problems, so older rules are in force",
      "2:a flag is wrong, or the service gave no answer"
    })
final class RulesInForce implements Callable<Integer> {
  private static final int EXIT_PROBLEMS = 1;

  /** More than a page of ten thousand domains needs. */
  private static final int MOST_BYTES = 16 << 20;

  @Option(
      names = "--http-target",
      paramLabel = "HOST:PORT",
      converter = QuestionTypes.HttpTarget.class,
      description = "The service's HTTP port. Default: 127.0.0.1:8080.")
  private HostAndPort target = HostAndPort.fromParts("127.0.0.1", 8080);

  @Option(
      names = "--http-ca",
      paramLabel = "FILE",
      converter = OptionTypes.File.class,
      description = "PEM file of the CA of that port's certificate. Default: none, in clear.")
  private @Nullable Path ca;

  @Option(
      names = "--deadline",
      paramLabel = "TIME",
      converter = OptionTypes.Deadline.class,
      description = "Longest wait for the answer, 1ms to 1m. Default: 2s.")
  private Duration deadline = Duration.ofSeconds(2);

  @Mixin private final TokenOptions token = new TokenOptions();

  @Option(
      names = "--json",
      paramLabel = "true|false",
      arity = "0..1",
      fallbackValue = "true",
      converter = OptionTypes.Switch.class,
      description = "Print the page as it is, in JSON.")
  private boolean json;

  @Mixin private final Console console = new Console();

  @Override
  public Integer call() {
    Logs.configure(false);
    String text;
    JsonObject page;
    String shown = token.token(OptionSources.environment(console.command()));
    try {
      text = get(shown);
      page = JsonParser.parseString(text).getAsJsonObject();
    } catch (IOException | JsonParseException | IllegalStateException e) {
      console.complain(failure(e));
      return Main.EXIT_USAGE;
    }
    console.out().println(json ? text.stripTrailing() : RulesPageText.of(page));
    return page.getAsJsonArray("problems").isEmpty() ? 0 : EXIT_PROBLEMS;
  }

  private String get(String shown) throws IOException {
    Path trusted = ca;
    HttpURLConnection connection =
        (HttpURLConnection)
            URI.create((trusted == null ? "http://" : "https://") + target + "/rules")
                .toURL()
                .openConnection();
    if (trusted != null && connection instanceof HttpsURLConnection tls) {
      tls.setSSLSocketFactory(TrustedPem.context(trusted, "the service").getSocketFactory());
    }
    int millis = (int) deadline.toMillis();
    connection.setConnectTimeout(millis);
    connection.setReadTimeout(millis);
    connection.setInstanceFollowRedirects(false);
    if (!shown.isEmpty()) {
      connection.setRequestProperty("Authorization", "Bearer " + shown);
    }
    int status = connection.getResponseCode();
    if (status == HttpURLConnection.HTTP_UNAUTHORIZED
        || status == HttpURLConnection.HTTP_FORBIDDEN) {
      connection.disconnect();
      throw new RefusedException(status);
    }
    try (InputStream body = connection.getInputStream()) {
      return new String(body.readNBytes(MOST_BYTES), StandardCharsets.UTF_8);
    } finally {
      connection.disconnect();
    }
  }

  private String failure(Exception failure) {
    if (failure instanceof RefusedException refused) {
      return "%s refused to show its rules, %s; name a token that is granted rules with --token-file"
          .formatted(target, refused.getMessage());
    }
    if (failure instanceof SocketTimeoutException) {
      return "no answer from %s within %d ms; wait longer with --deadline, or look at its log"
          .formatted(target, deadline.toMillis());
    }
    if (failure instanceof UnknownHostException) {
      return "no answer from %s: this name has no address; name another with --http-target"
          .formatted(target);
    }
    if (failure instanceof ConnectException) {
      return "no answer from %s: %s; start it with \"limiter serve\", or name another with --http-target"
          .formatted(target, failure.getMessage());
    }
    if (failure instanceof UnusablePemException) {
      return "--http-ca: " + failure.getMessage();
    }
    if (failure instanceof SSLException) {
      return "no answer from %s over TLS: %s; name the CA of its certificate with --http-ca"
          .formatted(target, failure.getMessage());
    }
    return "%s has no page /rules; name the service's HTTP port with --http-target, 8080 by default, and --http-ca if it has TLS"
        .formatted(target);
  }

  /** The service does not say this to whoever asks. */
  private static final class RefusedException extends IOException {
    private static final long serialVersionUID = 1L;

    RefusedException(int status) {
      super(
          status == HttpURLConnection.HTTP_UNAUTHORIZED
              ? "since nothing valid shows who asks"
              : "since this caller may not");
    }
  }
}
