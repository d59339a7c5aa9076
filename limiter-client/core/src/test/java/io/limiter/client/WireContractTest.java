package io.limiter.client;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.protobuf.DescriptorProtos.FileOptions;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.EnumDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.Descriptors.MethodDescriptor;
import io.limiter.v1.CheckAndConsumeRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;

/**
 * Pins the wire contract: a line here may be added, but none may change, or callers that were built
 * before stop being understood.
 */
final class WireContractTest {
  private static final FileDescriptor FILE = CheckAndConsumeRequest.getDescriptor().getFile();

  @Test
  void methods_keepNamesAndTypes() {
    List<String> found = new ArrayList<>();
    for (MethodDescriptor method : FILE.findServiceByName("RateLimiter").getMethods()) {
      found.add(
          "%s(%s) %s"
              .formatted(
                  method.getName(),
                  streamed(method.isClientStreaming(), method.getInputType()),
                  streamed(method.isServerStreaming(), method.getOutputType())));
    }
    assertLines(
        """
        CheckAndConsume(CheckAndConsumeRequest) CheckAndConsumeResponse
        CheckAndConsumeBatch(CheckAndConsumeBatchRequest) CheckAndConsumeBatchResponse
        CheckAndConsumeStream(stream CheckAndConsumeRequest) stream CheckAndConsumeResponse
        CheckAny(CheckAnyRequest) CheckAnyResponse
        Refund(RefundRequest) RefundResponse
        Reset(ResetRequest) ResetResponse
        Settle(SettleRequest) SettleResponse
        Release(ReleaseRequest) ReleaseResponse
        Extend(ExtendRequest) ExtendResponse
        Observe(ObserveRequest) ObserveResponse
        Explain(ExplainRequest) ExplainResponse
        """,
        found);
  }

  @Test
  void fields_keepNumbersNamesAndTypes() {
    List<String> found = new ArrayList<>();
    List<Descriptor> messages = new ArrayList<>();
    for (Descriptor message : FILE.getMessageTypes()) {
      messages.add(message);
      message.getNestedTypes().stream()
          .filter(nested -> !nested.getOptions().getMapEntry())
          .forEach(messages::add);
    }
    for (Descriptor message : messages) {
      for (FieldDescriptor field : message.getFields()) {
        found.add(
            "%s %d %s %s"
                .formatted(message.getName(), field.getNumber(), field.getName(), type(field)));
      }
    }
    assertLines(
        """
        CheckAndConsumeRequest 1 domain string
        CheckAndConsumeRequest 2 attributes map<string, string>
        CheckAndConsumeRequest 3 cost optional uint64
        CheckAndConsumeRequest 4 unit_costs map<string, uint64>
        CheckAndConsumeRequest 5 inline_rules repeated InlineRule
        CheckAndConsumeRequest 6 request_id string
        CheckAndConsumeRequest 7 want_receipt bool
        CheckAndConsumeRequest 8 idempotency_key string
        CheckAndConsumeRequest 9 hold google.protobuf.Duration
        CheckAndConsumeRequest 10 priority string
        InlineRule 1 name string
        InlineRule 2 key repeated string
        InlineRule 3 algorithm Algorithm
        InlineRule 4 limit uint64
        InlineRule 5 window google.protobuf.Duration
        InlineRule 6 capacity uint64
        InlineRule 7 rate uint64
        InlineRule 8 period google.protobuf.Duration
        InlineRule 9 unit string
        InlineRule 10 hold google.protobuf.Duration
        CheckAndConsumeResponse 1 allowed bool
        CheckAndConsumeResponse 2 retry_after google.protobuf.Duration
        CheckAndConsumeResponse 3 delay google.protobuf.Duration
        CheckAndConsumeResponse 4 statuses repeated RuleStatus
        CheckAndConsumeResponse 5 source Source
        CheckAndConsumeResponse 6 request_id string
        CheckAndConsumeResponse 7 receipt bytes
        CheckAndConsumeResponse 8 error DecisionError
        CheckAndConsumeResponse 9 hint Hint
        CheckAndConsumeResponse 10 kind DenialKind
        RuleStatus 1 rule string
        RuleStatus 2 algorithm Algorithm
        RuleStatus 3 allowed bool
        RuleStatus 4 limit uint64
        RuleStatus 5 remaining uint64
        RuleStatus 6 reset_after google.protobuf.Duration
        RuleStatus 7 retry_after google.protobuf.Duration
        RuleStatus 8 never bool
        RuleStatus 9 shadow bool
        RuleStatus 10 unit string
        RuleStatus 11 window google.protobuf.Duration
        RuleStatus 12 candidate bool
        RuleStatus 13 held uint64
        RuleStatus 14 owed uint64
        RuleStatus 15 soft_basis_points uint32
        RuleStatus 17 soft_crossed bool
        RuleStatus 18 guessed uint64
        RuleStatus 19 estimated uint64
        DecisionError 1 code int32
        DecisionError 2 message string
        CheckAndConsumeBatchRequest 1 requests repeated CheckAndConsumeRequest
        CheckAndConsumeBatchResponse 1 responses repeated CheckAndConsumeResponse
        CheckAnyRequest 1 alternatives repeated CheckAndConsumeRequest
        CheckAnyResponse 1 chosen int32
        CheckAnyResponse 2 response CheckAndConsumeResponse
        CheckAnyResponse 3 denied repeated CheckAndConsumeResponse
        RefundRequest 1 receipt bytes
        RefundResponse 1 refunded bool
        ResetRequest 1 domain string
        ResetRequest 2 attributes map<string, string>
        ResetRequest 3 rules repeated string
        ResetResponse 1 counters_reset uint32
        ExplainRequest 1 domain string
        ExplainRequest 2 attributes map<string, string>
        ExplainRequest 3 entries repeated Entry
        Entry 1 key string
        Entry 2 value string
        ExplainResponse 1 known_domain bool
        ExplainResponse 2 rules_hash string
        ExplainResponse 3 rules repeated RuleExplanation
        ExplainResponse 4 rules_not_listed uint32
        ExplainResponse 5 nearest_domain string
        RuleExplanation 1 rule string
        RuleExplanation 2 file string
        RuleExplanation 3 line uint32
        RuleExplanation 4 applies bool
        RuleExplanation 5 reasons repeated string
        RuleExplanation 6 override OverrideExplanation
        RuleExplanation 7 counter CounterExplanation
        RuleExplanation 8 candidate CounterExplanation
        OverrideExplanation 1 number uint32
        OverrideExplanation 2 line uint32
        CounterExplanation 1 mode string
        CounterExplanation 2 enforced_basis_points optional uint32
        CounterExplanation 3 limit string
        CounterExplanation 4 key string
        CounterExplanation 5 status RuleStatus
        CounterExplanation 6 unknown string
        CounterExplanation 7 unit string
        CounterExplanation 8 estimate string
        ObserveRequest 1 domain string
        ObserveRequest 2 attributes map<string, string>
        ObserveRequest 3 rules repeated string
        ObserveRequest 4 remaining optional uint64
        ObserveRequest 5 reset_after google.protobuf.Duration
        ObserveRequest 6 blocked_for google.protobuf.Duration
        ObserveRequest 7 unit string
        ObserveRequest 8 limit optional uint64
        ObserveResponse 1 counters_clamped uint32
        SettleRequest 1 receipt bytes
        SettleRequest 2 cost optional uint64
        SettleRequest 3 unit_costs map<string, uint64>
        SettleResponse 1 end HoldEnd
        SettleResponse 2 statuses repeated RuleStatus
        ReleaseRequest 1 receipt bytes
        ReleaseResponse 1 end HoldEnd
        ExtendRequest 1 receipt bytes
        ExtendRequest 2 hold google.protobuf.Duration
        ExtendRequest 3 more_cost optional uint64
        ExtendRequest 4 more_unit_costs map<string, uint64>
        ExtendResponse 1 extended bool
        ExtendResponse 2 statuses repeated RuleStatus
        ExtendResponse 3 end HoldEnd
        """,
        found);
  }

  @Test
  void enums_keepNumbersAndNames() {
    List<String> found = new ArrayList<>();
    for (EnumDescriptor each : FILE.getEnumTypes()) {
      each.getValues()
          .forEach(
              value ->
                  found.add(
                      "%s %d %s".formatted(each.getName(), value.getNumber(), value.getName())));
    }
    assertLines(
        """
        Hint 0 HINT_UNSPECIFIED
        Hint 1 DEGRADE
        DenialKind 0 DENIAL_KIND_UNSPECIFIED
        DenialKind 1 RATE
        DenialKind 2 QUOTA
        DenialKind 3 CONCURRENCY
        DenialKind 4 COST_NEVER_FITS
        Algorithm 0 ALGORITHM_UNSPECIFIED
        Algorithm 1 FIXED_WINDOW
        Algorithm 2 SLIDING_LOG
        Algorithm 3 SLIDING_COUNTER
        Algorithm 4 TOKEN_BUCKET
        Algorithm 5 LEAKY_BUCKET
        Algorithm 6 CONCURRENCY_LIMIT
        Source 0 SOURCE_UNSPECIFIED
        Source 1 REDIS
        Source 2 DENY_CACHE
        Source 3 LEASE
        Source 4 LOCAL_FALLBACK
        Source 5 FAIL_OPEN
        Source 6 FAIL_CLOSED
        Source 7 NO_RULE
        Source 8 UNKNOWN_DOMAIN
        HoldEnd 0 HOLD_END_UNSPECIFIED
        HoldEnd 1 ENDED
        HoldEnd 2 ENDED_BEFORE
        HoldEnd 3 EXPIRED
        HoldEnd 4 UNKNOWN_HOLD
        """,
        found);
  }

  @Test
  void packages_keepTheirNames() {
    FileOptions options = FILE.getOptions();
    assertEquals("limiter.v1", FILE.getPackage());
    assertEquals("io.limiter.v1", options.getJavaPackage());
    assertEquals(true, options.getJavaMultipleFiles());
    assertEquals("limiter/v1/limiter.proto", FILE.getFullName());
  }

  private static void assertLines(String expected, List<String> found) {
    assertEquals(expected.strip(), String.join("\n", found));
  }

  private static String streamed(boolean stream, Descriptor type) {
    return stream ? "stream " + name(type) : name(type);
  }

  private static String type(FieldDescriptor field) {
    if (field.isMapField()) {
      List<FieldDescriptor> entry = field.getMessageType().getFields();
      return "map<%s, %s>".formatted(type(entry.get(0)), type(entry.get(1)));
    }
    String type =
        switch (field.getJavaType()) {
          case MESSAGE -> name(field.getMessageType());
          case ENUM -> field.getEnumType().getName();
          default -> field.getType().name().toLowerCase(Locale.ROOT);
        };
    if (field.isRepeated()) {
      return "repeated " + type;
    }
    return field.toProto().getProto3Optional() ? "optional " + type : type;
  }

  /** The name as the file writes it: without the package when it is the file's own. */
  private static String name(Descriptor type) {
    return type.getFile() == FILE ? type.getName() : type.getFullName();
  }
}
