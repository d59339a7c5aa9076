package io.limiter.server.cli.option;

import io.limiter.server.program.Logs;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;

/** What the service logs, and how. */
@Command
public final class LogOptions {
  @Option(
      names = "--log-json",
      paramLabel = "true|false",
      arity = "0..1",
      fallbackValue = "true",
      converter = OptionTypes.Switch.class,
      description = "Log one JSON object per line. Default: text for people.")
  private boolean json;

  @Option(
      names = "--log-level",
      paramLabel = "LEVEL",
      converter = Level.class,
      description = "Least level that is logged: error, warn, info, debug or trace. Default: info.")
  private Logs.Level level = Logs.Level.INFO;

  /** Logs so from now on. */
  public void configure() {
    Logs.configure(json, level);
  }

  /** How much is logged. */
  static final class Level implements ITypeConverter<Logs.Level> {
    @Override
    public Logs.Level convert(String text) {
      return switch (text.toLowerCase(Locale.ROOT)) {
        case "error" -> Logs.Level.ERROR;
        case "warn", "warning" -> Logs.Level.WARN;
        case "info" -> Logs.Level.INFO;
        case "debug" -> Logs.Level.DEBUG;
        case "trace" -> Logs.Level.TRACE;
        default -> throw OptionTypes.bad(text, "a level", "use error, warn, info, debug or trace");
      };
    }
  }
}
