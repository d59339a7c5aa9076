package io.limiter.server.api;

import com.google.rpc.BadRequest;
import java.util.stream.Collectors;

/** A request that breaks its contract. Lists all violations. Has no stack: callers cause it. */
public final class InvalidRequestException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final BadRequest violations;

  InvalidRequestException(BadRequest violations) {
    super(message(violations), null, false, false);
    this.violations = violations;
  }

  BadRequest violations() {
    return violations;
  }

  private static String message(BadRequest violations) {
    return violations.getFieldViolationsList().stream()
        .map(BadRequest.FieldViolation::getDescription)
        .collect(Collectors.joining(" | "));
  }
}
