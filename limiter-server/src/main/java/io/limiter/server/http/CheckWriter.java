package io.limiter.server.http;

import com.google.gson.Gson;
import com.google.protobuf.Duration;
import com.google.protobuf.util.Durations;
import io.limiter.v1.CheckAndConsumeBatchResponse;
import io.limiter.v1.CheckAndConsumeResponse;
import io.limiter.v1.RuleStatus;
import java.util.Base64;

/**
 * Writes decisions as {@link JsonMessages} writes any message, in a fraction of the time: these are
 * nearly all that is written.
 */
final class CheckWriter {
  private static final Gson GSON = new Gson();
  private static final int MICRO = 1_000;
  private static final int MILLI = 1_000_000;

  private final StringBuilder json = new StringBuilder(256);

  private CheckWriter() {}

  static String write(CheckAndConsumeResponse response) {
    CheckWriter writer = new CheckWriter();
    writer.decision(response);
    return writer.json.append('\n').toString();
  }

  static String write(CheckAndConsumeBatchResponse batch) {
    CheckWriter writer = new CheckWriter();
    writer.json.append('{');
    if (batch.getResponsesCount() > 0) {
      writer.json.append("\"responses\":");
      char before = '[';
      for (CheckAndConsumeResponse response : batch.getResponsesList()) {
        writer.json.append(before);
        writer.decision(response);
        before = ',';
      }
      writer.json.append(']');
    }
    return writer.json.append("}\n").toString();
  }

  private void decision(CheckAndConsumeResponse response) {
    json.append("{\"allowed\":").append(response.getAllowed());
    if (response.hasRetryAfter()) {
      duration(",\"retryAfter\":", response.getRetryAfter());
    }
    if (response.hasDelay()) {
      duration(",\"delay\":", response.getDelay());
    }
    if (response.getStatusesCount() > 0) {
      json.append(",\"statuses\":");
      char before = '[';
      for (RuleStatus status : response.getStatusesList()) {
        json.append(before);
        status(status);
        before = ',';
      }
      json.append(']');
    }
    enumeration(",\"source\":", response.getSource(), response.getSourceValue());
    text(",\"requestId\":", response.getRequestId());
    if (!response.getReceipt().isEmpty()) {
      json.append(",\"receipt\":\"")
          .append(Base64.getEncoder().encodeToString(response.getReceipt().toByteArray()))
          .append('"');
    }
    if (response.hasError()) {
      json.append(",\"error\":").append(JsonMessages.write(response.getError()).stripTrailing());
    }
    enumeration(",\"hint\":", response.getHint(), response.getHintValue());
    enumeration(",\"kind\":", response.getKind(), response.getKindValue());
    json.append('}');
  }

  private void status(RuleStatus status) {
    json.append("{\"allowed\":").append(status.getAllowed());
    text(",\"rule\":", status.getRule());
    enumeration(",\"algorithm\":", status.getAlgorithm(), status.getAlgorithmValue());
    number(",\"limit\":", status.getLimit());
    number(",\"remaining\":", status.getRemaining());
    if (status.hasResetAfter()) {
      duration(",\"resetAfter\":", status.getResetAfter());
    }
    if (status.hasRetryAfter()) {
      duration(",\"retryAfter\":", status.getRetryAfter());
    }
    flag(",\"never\":true", status.getNever());
    flag(",\"shadow\":true", status.getShadow());
    text(",\"unit\":", status.getUnit());
    if (status.hasWindow()) {
      duration(",\"window\":", status.getWindow());
    }
    flag(",\"candidate\":true", status.getCandidate());
    if (status.getHeld() != 0) {
      number(",\"held\":", status.getHeld());
    }
    if (status.getOwed() != 0) {
      number(",\"owed\":", status.getOwed());
    }
    if (status.getSoftBasisPoints() != 0) {
      json.append(",\"softBasisPoints\":")
          .append(Integer.toUnsignedString(status.getSoftBasisPoints()));
    }
    flag(",\"softCrossed\":true", status.getSoftCrossed());
    if (status.getGuessed() != 0) {
      number(",\"guessed\":", status.getGuessed());
    }
    if (status.getEstimated() != 0) {
      number(",\"estimated\":", status.getEstimated());
    }
    json.append('}');
  }

  private void flag(String written, boolean set) {
    if (set) {
      json.append(written);
    }
  }

  private void number(String name, long unsigned) {
    json.append(name).append('"').append(Long.toUnsignedString(unsigned)).append('"');
  }

  private void enumeration(String name, Enum<?> value, int number) {
    if (number == 0) {
      return;
    }
    json.append(name);
    if (value.name().equals("UNRECOGNIZED")) {
      json.append(number);
    } else {
      json.append('"').append(value.name()).append('"');
    }
  }

  private void text(String name, String text) {
    if (text.isEmpty()) {
      return;
    }
    json.append(name);
    if (isPlain(text)) {
      json.append('"').append(text).append('"');
    } else {
      json.append(GSON.toJson(text));
    }
  }

  private static boolean isPlain(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c < ' ' || c > '~' || c == '"' || c == '\\') {
        return false;
      }
    }
    return true;
  }

  /** With 3, 6 or 9 digits, or none. */
  private void duration(String name, Duration duration) {
    json.append(name).append('"');
    long seconds = duration.getSeconds();
    int nanos = duration.getNanos();
    if (seconds < 0 || nanos < 0) {
      json.append(Durations.toString(duration)).append('"');
      return;
    }
    json.append(seconds);
    if (nanos > 0) {
      json.append('.');
      if (nanos % MILLI == 0) {
        digits(nanos / MILLI, 3);
      } else if (nanos % MICRO == 0) {
        digits(nanos / MICRO, 6);
      } else {
        digits(nanos, 9);
      }
    }
    json.append("s\"");
  }

  private void digits(int number, int digits) {
    String text = Integer.toString(number);
    json.append("000000000", 0, digits - text.length()).append(text);
  }
}
