package io.limiter.server.cli.console;

import io.limiter.server.program.Version;
import picocli.CommandLine.IVersionProvider;

/** What {@code --version} prints. */
public final class VersionText implements IVersionProvider {
  @Override
  public String[] getVersion() {
    return new String[] {"limiter " + Version.current() + " (Java " + Runtime.version() + ")"};
  }
}
