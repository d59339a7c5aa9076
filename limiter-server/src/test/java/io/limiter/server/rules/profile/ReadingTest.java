package io.limiter.server.rules.profile;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a profile reads of a gateway's request. */
class ReadingTest {
  private static Map<String, String> read(
      AttributeSource source, String otherwise, OriginalHeaders original, Asked asked) {
    return new Reading(
            List.of(new Reading.Attribute("a", source, otherwise.isEmpty() ? null : otherwise)),
            original,
            ClientAddress.DEFAULT,
            Cost.ONE,
            /* deadline= */ false)
        .attributes(asked);
  }

  private static Map<String, String> read(AttributeSource source, Asked asked) {
    return read(source, "", OriginalHeaders.DEFAULTS, asked);
  }

  private static Asked forwarded() {
    return Asked.get()
        .with("Host", "limiter:8080")
        .with("X-Forwarded-Method", "post")
        .with("X-Forwarded-Uri", "/api/v1//login?user=a%20b")
        .with("X-Forwarded-Host", "Shop.Example:443")
        .with("X-Forwarded-For", "2001:db8:1:2:3::4")
        .with("X-User", "alice")
        .with("X-User", "mallory");
  }

  @Test
  void eachSource_readsItsPart() {
    assertEquals(Map.of("a", "alice"), read(new AttributeSource.Header("x-user"), forwarded()));
    assertEquals(Map.of("a", "2001:db8:1:2:3::4"), read(AttributeSource.Client.WHOLE, forwarded()));
    assertEquals(
        Map.of("a", "2001:db8:1::"), read(new AttributeSource.Client(24, 48), forwarded()));
    assertEquals(
        Map.of("a", "198.51.100.0"),
        read(
            new AttributeSource.Client(24, 48),
            Asked.get().with("X-Forwarded-For", "198.51.100.7")));
    assertEquals(Map.of("a", "POST"), read(new AttributeSource.Method(), forwarded()));
    assertEquals(Map.of("a", "shop.example"), read(new AttributeSource.Host(), forwarded()));
    assertEquals(Map.of("a", "/api/v1/login"), read(new AttributeSource.Path(), forwarded()));
    assertEquals(
        Map.of("a", "POST /api/v1/login"), read(new AttributeSource.MethodAndPath(), forwarded()));
    assertEquals(Map.of("a", "v1"), read(new AttributeSource.Segment(2), forwarded()));
    assertEquals(Map.of("a", "a b"), read(new AttributeSource.Query("user"), forwarded()));
    assertEquals(Map.of("a", "web"), read(new AttributeSource.Value("web"), forwarded()));
  }

  @Test
  void withoutAValue_orWithAnEmptyOne_thereIsTheDefault_orNoAttribute() {
    AttributeSource header = new AttributeSource.Header("X-User");
    for (Asked asked : List.of(Asked.get(), Asked.get().with("X-User", ""))) {
      assertEquals(Map.of(), read(header, asked));
      assertEquals(Map.of("a", "nobody"), read(header, "nobody", OriginalHeaders.DEFAULTS, asked));
    }
    assertEquals(Map.of(), read(new AttributeSource.Segment(9), forwarded()));
    assertEquals(Map.of(), read(new AttributeSource.Query("no"), forwarded()));
  }

  @Test
  void withoutTheGatewaysHeaders_itIsTheRequestItself() {
    Asked plain = new Asked("PUT", "/v1/authorize/web?k=1").with("Host", "[::1]:8080");
    assertEquals(Map.of("a", "PUT"), read(new AttributeSource.Method(), plain));
    assertEquals(Map.of("a", "/v1/authorize/web"), read(new AttributeSource.Path(), plain));
    assertEquals(Map.of("a", "[::1]"), read(new AttributeSource.Host(), plain));
    assertEquals(Map.of("a", Asked.PEER), read(AttributeSource.Client.WHOLE, plain));
  }

  /** One after the other would let a caller send the one that the gateway does not set. */
  @Test
  void onlyTheChosenHeaders_areBelieved() {
    OriginalHeaders nginx = new OriginalHeaders("X-Original-Method", "X-Original-URI", null);
    Asked asked = forwarded().with("X-Original-URI", "/real").with("X-Original-Method", "DELETE");
    assertEquals(
        Map.of("a", "DELETE /real"), read(new AttributeSource.MethodAndPath(), "", nginx, asked));
    assertEquals(Map.of("a", "limiter"), read(new AttributeSource.Host(), "", nginx, asked));
  }

  /** Of a gateway that adds its header behind the caller's. */
  @Test
  void ofSeveralLines_theLastIsTheGateways() {
    Asked asked =
        Asked.get()
            .with("X-Forwarded-Uri", "/forged")
            .with("X-Forwarded-Uri", "/real")
            .with("X-Forwarded-Host", "forged.example, real.example.");
    assertEquals(Map.of("a", "/real"), read(new AttributeSource.Path(), asked));
    assertEquals(Map.of("a", "real.example"), read(new AttributeSource.Host(), asked));
  }

  @ParameterizedTest
  @CsvSource({
    "'', 1",
    "7, 7",
    "100, 100",
    "101, 100",
    "0, 100",
    "-1, 100",
    "1.5, 100",
    "x, 100",
    "99999999999999999999, 100",
    "٣, 100"
  })
  void aCostOfAHeader_isBounded_andNobodyGoesFree(String sent, long cost) {
    Asked asked = sent.isEmpty() ? Asked.get() : Asked.get().with("X-Cost", sent);
    assertEquals(cost, new Cost("X-Cost", 1, 100).of(asked));
  }
}
