package io.limiter.server.program;

import ch.qos.logback.classic.pattern.ThrowableProxyConverter;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.StackTraceElementProxy;
import io.limiter.server.rules.Quoted;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The stack below a line in the log as text: libraries put foreign values into messages too. */
public final class EscapedThrowable extends ThrowableProxyConverter {
  @Override
  protected String throwableProxyToString(IThrowableProxy throwable) {
    return super.throwableProxyToString(new Escaped(throwable));
  }

  private record Escaped(IThrowableProxy raw) implements IThrowableProxy {
    @Override
    public @Nullable String getMessage() {
      String message = raw.getMessage();
      return message == null ? null : Quoted.line(message);
    }

    @Override
    public String getClassName() {
      return raw.getClassName();
    }

    @Override
    public StackTraceElementProxy[] getStackTraceElementProxyArray() {
      return raw.getStackTraceElementProxyArray();
    }

    @Override
    public int getCommonFrames() {
      return raw.getCommonFrames();
    }

    @Override
    public @Nullable IThrowableProxy getCause() {
      IThrowableProxy cause = raw.getCause();
      return cause == null ? null : new Escaped(cause);
    }

    @Override
    public IThrowableProxy[] getSuppressed() {
      return Arrays.stream(raw.getSuppressed()).map(Escaped::new).toArray(IThrowableProxy[]::new);
    }

    @Override
    public boolean isCyclic() {
      return raw.isCyclic();
    }
  }
}
