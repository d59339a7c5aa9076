package io.limiter.client;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.BadRequest;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The question itself is wrong: a mistake in the calling program. The message names the field, its
 * value, the bound and the remedy.
 */
public final class InvalidRequestException extends LimiterException {
  private static final long serialVersionUID = 1L;

  private final transient List<Violation> violations;

  /**
   * One thing that is wrong.
   *
   * @param field the request's field, as the wire contract names it
   * @param description what is wrong with it
   */
  public record Violation(String field, String description) {}

  private InvalidRequestException(
      Status.Code code, String message, List<Violation> violations, @Nullable Throwable cause) {
    super(code, message, cause, true);
    this.violations = List.copyOf(violations);
  }

  InvalidRequestException(String field, String description) {
    this(
        Status.Code.INVALID_ARGUMENT,
        field + ": " + description,
        List.of(new Violation(field, description)),
        null);
  }

  static InvalidRequestException of(StatusRuntimeException failure) {
    List<Violation> violations = violations(failure);
    String message =
        violations.isEmpty()
            ? message(failure.getStatus())
            : violations.stream()
                .map(violation -> violation.field() + ": " + violation.description())
                .collect(Collectors.joining("; "));
    return new InvalidRequestException(failure.getStatus().getCode(), message, violations, failure);
  }

  /**
   * Every field at fault. Empty for an entry of a batch or of a stream: there the service says it
   * in words alone, and the message names the field.
   */
  public List<Violation> violations() {
    return violations;
  }

  private static List<Violation> violations(StatusRuntimeException failure) {
    List<Violation> violations = new ArrayList<>();
    com.google.rpc.Status status = StatusProto.fromThrowable(failure);
    if (status != null) {
      for (Any detail : status.getDetailsList()) {
        if (detail.is(BadRequest.class)) {
          try {
            for (BadRequest.FieldViolation violation :
                detail.unpack(BadRequest.class).getFieldViolationsList()) {
              violations.add(new Violation(violation.getField(), violation.getDescription()));
            }
          } catch (InvalidProtocolBufferException unreadable) {
            return List.of();
          }
        }
      }
    }
    return violations;
  }
}
