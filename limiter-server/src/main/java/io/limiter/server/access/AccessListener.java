package io.limiter.server.access;

/** Hears whom access is refused. Called on any thread, often; must not block. */
public interface AccessListener {
  /** Hears nothing. */
  AccessListener NONE = (caller, method, domain, kind) -> {};

  /**
   * Something was refused.
   *
   * @param caller its name; empty if it is not known
   * @param method what it wanted, by its word; empty if it did not get so far
   * @param domain as it was asked for, by anybody who reaches the port; empty if there is none
   */
  void refused(String caller, String method, String domain, AccessException.Kind kind);
}
