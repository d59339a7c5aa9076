package io.limiter.testing;

import java.io.IOException;
import java.io.UncheckedIOException;

/** Signals of the operating system. */
public final class Signal {
  private Signal() {}

  /**
   * Sends a process one, and returns when it was sent.
   *
   * @param name such as {@code STOP} or {@code CONT}
   */
  public static void send(String name, Process to) {
    try {
      if (new ProcessBuilder("kill", "-" + name, "" + to.pid()).start().waitFor() != 0) {
        throw new AssertionError("no signal " + name + " could be sent to process " + to.pid());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }
}
