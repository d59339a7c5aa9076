package io.limiter.server.envoy;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.EnumDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import io.limiter.envoy.core.HeaderValue;
import io.limiter.envoy.descriptor.RateLimitDescriptor;
import io.limiter.envoy.service.RateLimitRequest;
import io.limiter.envoy.service.RateLimitResponse;
import io.limiter.envoy.service.RateLimitServiceGrpc;
import io.limiter.envoy.type.RateLimitUnit;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Envoy's protocol is declared here as Envoy declares it: any change is a mistake. */
class EnvoyWireTest {
  @Test
  void theMethod_isEnvoys() {
    assertEquals(
        "envoy.service.ratelimit.v3.RateLimitService/ShouldRateLimit",
        RateLimitServiceGrpc.getShouldRateLimitMethod().getFullMethodName());
  }

  @Test
  void fields_areEnvoys() {
    assertEquals(
        """
        envoy.service.ratelimit.v3.RateLimitRequest: 1 domain STRING, 2 descriptors [MESSAGE], 3 hits_addend UINT32
        envoy.service.ratelimit.v3.RateLimitResponse: 1 overall_code ENUM, 2 statuses [MESSAGE], 3 response_headers_to_add [MESSAGE], 4 request_headers_to_add [MESSAGE], 5 raw_body BYTES, 6 dynamic_metadata MESSAGE
        envoy.service.ratelimit.v3.RateLimitResponse.RateLimit: 1 requests_per_unit UINT32, 2 unit ENUM, 3 name STRING, 4 unit_multiplier MESSAGE
        envoy.service.ratelimit.v3.RateLimitResponse.DescriptorStatus: 1 code ENUM, 2 current_limit MESSAGE, 3 limit_remaining UINT32, 4 duration_until_reset MESSAGE
        envoy.extensions.common.ratelimit.v3.RateLimitDescriptor: 1 entries [MESSAGE], 2 limit MESSAGE, 3 hits_addend MESSAGE, 4 is_negative_hits BOOL
        envoy.extensions.common.ratelimit.v3.RateLimitDescriptor.Entry: 1 key STRING, 2 value STRING
        envoy.extensions.common.ratelimit.v3.RateLimitDescriptor.RateLimitOverride: 1 requests_per_unit UINT32, 2 unit ENUM, 3 unit_multiplier MESSAGE
        envoy.config.core.v3.HeaderValue: 1 key STRING, 2 value STRING, 3 raw_value BYTES
        """
            .strip(),
        Stream.of(
                RateLimitRequest.getDescriptor(),
                RateLimitResponse.getDescriptor(),
                RateLimitResponse.RateLimit.getDescriptor(),
                RateLimitResponse.DescriptorStatus.getDescriptor(),
                RateLimitDescriptor.getDescriptor(),
                RateLimitDescriptor.Entry.getDescriptor(),
                RateLimitDescriptor.RateLimitOverride.getDescriptor(),
                HeaderValue.getDescriptor())
            .map(EnvoyWireTest::show)
            .collect(Collectors.joining("\n")));
  }

  @Test
  void numbersOfUnitsAndCodes_areEnvoys() {
    assertEquals("UNKNOWN 0, OK 1, OVER_LIMIT 2", show(RateLimitResponse.Code.getDescriptor()));
    assertEquals(
        "UNKNOWN 0, SECOND 1, MINUTE 2, HOUR 3, DAY 4, MONTH 5, YEAR 6, WEEK 7",
        show(RateLimitResponse.RateLimit.Unit.getDescriptor()));
    assertEquals(
        "UNKNOWN 0, SECOND 1, MINUTE 2, HOUR 3, DAY 4, MONTH 5, YEAR 6, WEEK 7",
        show(RateLimitUnit.getDescriptor()));
  }

  @Test
  void bytesAsEnvoySendsThem_areUnderstood() throws Exception {
    // domain "d", a descriptor of (k, v) with 3 minute, hits 0 and negative hits; hits_addend 5
    ByteString bytes =
        ByteString.fromHex(
            "0a01641212" + "0a060a016b120176" + "120408031002" + "1a00" + "2001" + "1805");
    RateLimitRequest request = RateLimitRequest.parseFrom(bytes);
    assertEquals("d", request.getDomain());
    assertEquals(5, request.getHitsAddend());
    RateLimitDescriptor descriptor = request.getDescriptors(0);
    assertEquals("k", descriptor.getEntries(0).getKey());
    assertEquals("v", descriptor.getEntries(0).getValue());
    assertEquals(3, descriptor.getLimit().getRequestsPerUnit());
    assertEquals(RateLimitUnit.MINUTE, descriptor.getLimit().getUnit());
    assertEquals(
        List.of(true, 0L),
        List.of(descriptor.hasHitsAddend(), descriptor.getHitsAddend().getValue()));
    assertEquals(true, descriptor.getIsNegativeHits());
    assertEquals(bytes, request.toByteString());
  }

  private static String show(Descriptor message) {
    return message.getFullName()
        + ": "
        + message.getFields().stream().map(EnvoyWireTest::show).collect(Collectors.joining(", "));
  }

  private static String show(FieldDescriptor field) {
    String type = field.getType().name();
    return "%d %s %s"
        .formatted(
            field.getNumber(), field.getName(), field.isRepeated() ? "[" + type + "]" : type);
  }

  private static String show(EnumDescriptor type) {
    return type.getValues().stream()
        .map(value -> value.getName() + " " + value.getNumber())
        .collect(Collectors.joining(", "));
  }
}
