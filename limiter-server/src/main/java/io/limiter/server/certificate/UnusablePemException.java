package io.limiter.server.certificate;

import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** A PEM file cannot be used. The message says which, why and what to do, and nothing it holds. */
public final class UnusablePemException extends IOException {
  private static final long serialVersionUID = 1;

  private final transient Path file;

  UnusablePemException(Path file, String what, String why, @Nullable Throwable cause) {
    super("%s, %s, %s".formatted(what, file, why), cause);
    this.file = file;
  }

  /** The file. */
  public Path file() {
    return file;
  }
}
