package io.limiter.client;

import io.grpc.StatusRuntimeException;

/**
 * The service at the target does not take this caller's questions: no credentials, no permission,
 * or no such service there. Asking again is of no use: correct the configuration.
 */
public final class RefusedException extends LimiterException {
  private static final long serialVersionUID = 1L;

  RefusedException(StatusRuntimeException cause) {
    super(cause.getStatus().getCode(), message(cause.getStatus()), cause, true);
  }
}
