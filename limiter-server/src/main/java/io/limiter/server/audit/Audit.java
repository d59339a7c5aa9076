package io.limiter.server.audit;

/** Hears what should be written down. Called on any thread; never blocks and never throws. */
public interface Audit {
  /** Writes nothing. */
  Audit NONE = event -> {};

  /** Something was done, or refused. */
  void tell(AuditEvent event);
}
