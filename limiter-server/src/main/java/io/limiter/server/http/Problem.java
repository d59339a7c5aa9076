package io.limiter.server.http;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.protobuf.Any;
import com.google.protobuf.Duration;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.rpc.BadRequest;
import com.google.rpc.Code;
import com.google.rpc.RetryInfo;
import com.google.rpc.Status;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What went wrong with a request, as RFC 9457 has it. A client that knows gRPC finds its code in
 * {@code code}, and each field that is wrong in {@code errors}.
 */
final class Problem {
  static final String TYPE = "application/problem+json";

  /** Of draft-ietf-httpapi-ratelimit-headers-10, 6.2: not a denial, this instance has no time. */
  private static final String REDUCED_CAPACITY =
      "https://iana.org/assignments/http-problem-types#temporary-reduced-capacity";

  private static final Gson GSON = new GsonBuilder().disableHtmlEscaping().create();

  private Problem() {}

  /** Of a request that this port cannot take. */
  static Page of(int status, String title, String detail) {
    return page(status, problem("about:blank", title, status, detail));
  }

  /** Of a call that got no response. */
  static Page of(Status status) {
    Code code = Code.forNumber(status.getCode());
    int http = httpStatus(code);
    JsonObject problem =
        problem(
            code == Code.RESOURCE_EXHAUSTED ? REDUCED_CAPACITY : "about:blank",
            title(http),
            http,
            status.getMessage());
    problem.addProperty("code", code == null ? Code.UNKNOWN.name() : code.name());
    JsonArray errors = errors(status);
    if (!errors.isEmpty()) {
      problem.add("errors", errors);
    }
    Page page = page(http, problem);
    long wait = waitSeconds(status);
    return wait == 0
        ? page
        : new Page(
            page.status(),
            page.contentType(),
            page.body(),
            Map.of("Retry-After", Long.toString(wait)));
  }

  /** How long to wait before another try, in seconds, rounded up; 0 if nothing is said of that. */
  private static long waitSeconds(Status status) {
    for (Any detail : status.getDetailsList()) {
      if (detail.is(RetryInfo.class)) {
        Duration wait = unpack(detail, RetryInfo.class).getRetryDelay();
        return wait.getSeconds() + (wait.getNanos() > 0 ? 1 : 0);
      }
    }
    return 0;
  }

  /**
   * Overload is 503 and not 429: a caller who reads 429 takes it for a denial. 499 is heard by
   * nobody.
   */
  static int httpStatus(@Nullable Code code) {
    return switch (code == null ? Code.UNKNOWN : code) {
      case INVALID_ARGUMENT -> 400;
      case UNAUTHENTICATED -> 401;
      case PERMISSION_DENIED -> 403;
      case UNAVAILABLE, RESOURCE_EXHAUSTED -> 503;
      case CANCELLED -> 499;
      default -> 500;
    };
  }

  private static String title(int status) {
    return switch (status) {
      case 400 -> "Bad request";
      case 401 -> "Not authenticated";
      case 403 -> "Not permitted";
      case 499 -> "Given up";
      case 503 -> "No decision";
      default -> "Internal error";
    };
  }

  private static JsonArray errors(Status status) {
    JsonArray errors = new JsonArray();
    for (Any detail : status.getDetailsList()) {
      if (detail.is(BadRequest.class)) {
        for (BadRequest.FieldViolation violation :
            unpack(detail, BadRequest.class).getFieldViolationsList()) {
          JsonObject error = new JsonObject();
          error.addProperty("field", violation.getField());
          error.addProperty("detail", violation.getDescription());
          errors.add(error);
        }
      }
    }
    return errors;
  }

  private static <T extends Message> T unpack(Any detail, Class<T> type) {
    try {
      return detail.unpack(type);
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException("a detail of our own cannot be read", e);
    }
  }

  private static JsonObject problem(String type, String title, int status, String detail) {
    JsonObject problem = new JsonObject();
    problem.addProperty("type", type);
    problem.addProperty("title", title);
    problem.addProperty("status", status);
    problem.addProperty("detail", detail);
    return problem;
  }

  private static Page page(int status, JsonObject problem) {
    return new Page(status, TYPE, GSON.toJson(problem) + "\n");
  }
}
