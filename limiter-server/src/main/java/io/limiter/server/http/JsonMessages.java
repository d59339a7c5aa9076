package io.limiter.server.http;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.MessageOrBuilder;
import com.google.protobuf.util.JsonFormat;
import io.limiter.v1.CheckAndConsumeResponse;
import io.limiter.v1.ExtendResponse;
import io.limiter.v1.RefundResponse;
import io.limiter.v1.ResetResponse;
import io.limiter.v1.RuleStatus;
import java.util.Set;

/** Messages as JSON, as the language guide of Protocol Buffers 3 maps them. */
final class JsonMessages {
  private static final JsonFormat.Parser PARSER = JsonFormat.parser();

  /** What says something also when it is false or 0. Else the mapping leaves it out. */
  private static final Set<FieldDescriptor> ALWAYS =
      Set.of(
          CheckAndConsumeResponse.getDescriptor().findFieldByName("allowed"),
          RuleStatus.getDescriptor().findFieldByName("allowed"),
          RuleStatus.getDescriptor().findFieldByName("limit"),
          RuleStatus.getDescriptor().findFieldByName("remaining"),
          RefundResponse.getDescriptor().findFieldByName("refunded"),
          ExtendResponse.getDescriptor().findFieldByName("extended"),
          ResetResponse.getDescriptor().findFieldByName("counters_reset"));

  private static final JsonFormat.Printer PRINTER =
      JsonFormat.printer().includingDefaultValueFields(ALWAYS).omittingInsignificantWhitespace();

  private JsonMessages() {}

  /**
   * Reads one.
   *
   * @throws InvalidProtocolBufferException when it is no JSON, or none of this message; the message
   *     says what is wrong
   */
  static <M extends Message> M read(String json, M prototype)
      throws InvalidProtocolBufferException {
    Message.Builder builder = prototype.newBuilderForType();
    PARSER.merge(json, builder);
    @SuppressWarnings("unchecked") // a builder of the prototype builds its kind
    M message = (M) builder.build();
    return message;
  }

  static String write(MessageOrBuilder message) {
    try {
      return PRINTER.print(message) + "\n";
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException("a message of our own cannot be written", e);
    }
  }
}
