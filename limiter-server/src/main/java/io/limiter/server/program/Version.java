package io.limiter.server.program;

/** Which version of the program runs. */
public final class Version {
  private Version() {}

  /** The version that the build wrote into the jar; {@code development} outside of one. */
  public static String current() {
    String version = Version.class.getPackage().getImplementationVersion();
    return version == null ? "development" : version;
  }
}
