package io.limiter.server.program;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.PatternLayout;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.encoder.Encoder;
import ch.qos.logback.core.encoder.LayoutWrappingEncoder;
import ch.qos.logback.core.spi.ContextAwareBase;
import java.util.List;
import org.slf4j.Logger;

/**
 * Logs to standard error, since standard output belongs to the commands' answers.
 *
 * <p>Logback finds this class by itself. A file of XML would say the same; to read one, it loads
 * 600 classes more at each start. A file that the system property {@code logback.configurationFile}
 * names is read instead.
 */
public final class ConsoleLog extends ContextAwareBase implements Configurator {
  /** Libraries that tell at INFO of every connection that comes or goes; metrics count those. */
  private static final List<String> TALKATIVE =
      List.of("io.lettuce", "io.netty", "io.grpc", "io.micrometer");

  /** It warns of each connection to a Unix socket: gRPC sets an option there that only TCP has. */
  private static final String UNIX_SOCKETS = "io.grpc.netty.shaded.io.netty.bootstrap";

  @Override
  public ExecutionStatus configure(LoggerContext logs) {
    if (System.getProperty("logback.configurationFile") != null) {
      return ExecutionStatus.INVOKE_NEXT_IF_ANY;
    }
    write(logs, text(logs));
    return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
  }

  /** Lines for people to read, as the log is unless JSON is asked for. */
  static Encoder<ILoggingEvent> text(LoggerContext logs) {
    PatternLayout layout = new PatternLayout();
    layout.setContext(logs);
    // What callers send may stand in a message, and ends no line.
    layout.getInstanceConverterMap().put("msg", EscapedMessage::new);
    layout.getInstanceConverterMap().put("ex", EscapedThrowable::new);
    layout.setPattern("%d{\"yyyy-MM-dd'T'HH:mm:ss.SSSXXX\"} %-5level %logger{0}: %msg%n%ex");
    layout.start();
    LayoutWrappingEncoder<ILoggingEvent> text = new LayoutWrappingEncoder<>();
    text.setLayout(layout);
    return text;
  }

  /** Makes {@code logs}, which is as new, write from INFO on. */
  static void write(LoggerContext logs, Encoder<ILoggingEvent> form) {
    form.setContext(logs);
    form.start();
    ConsoleAppender<ILoggingEvent> console = new ConsoleAppender<>();
    console.setContext(logs);
    console.setName("console");
    console.setTarget("System.err");
    console.setEncoder(form);
    console.start();
    TALKATIVE.forEach(name -> logs.getLogger(name).setLevel(Level.WARN));
    logs.getLogger(UNIX_SOCKETS).setLevel(Level.ERROR);
    ch.qos.logback.classic.Logger root = logs.getLogger(Logger.ROOT_LOGGER_NAME);
    root.setLevel(Level.INFO);
    root.addAppender(console);
  }
}
