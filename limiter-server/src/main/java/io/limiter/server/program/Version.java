package io.limiter.server.program;

/** The version of the program. */
public final class Version {
  private Version() {}

  /** The version that the build wrote into the jar; {@code development} outside a jar. */
  public static String current() {
    String version = Version.class.getPackage().getImplementationVersion();
    return version == null ? "development" : version;
  }
}
