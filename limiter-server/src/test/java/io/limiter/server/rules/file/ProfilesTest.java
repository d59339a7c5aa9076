package io.limiter.server.rules.file;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.limiter.server.header.HeaderChoice;
import io.limiter.server.header.HeaderGroup;
import io.limiter.server.header.HeaderNames;
import io.limiter.server.rules.DenialKind;
import io.limiter.server.rules.RulesUnreadableException;
import io.limiter.server.rules.profile.AttributeSource;
import io.limiter.server.rules.profile.ClientAddress;
import io.limiter.server.rules.profile.Cost;
import io.limiter.server.rules.profile.OnDenial;
import io.limiter.server.rules.profile.OnNoDecision;
import io.limiter.server.rules.profile.OriginalHeaders;
import io.limiter.server.rules.profile.Profile;
import io.limiter.server.rules.profile.Reading;
import io.limiter.server.rules.profile.Telling;
import io.limiter.server.rules.table.RuleTable;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Files of profiles beside files of rules. */
class ProfilesTest {
  private static final String EDGE =
      "domain: edge\nrules: [{ name: r, algorithm: sliding-log, limit: 1, window: 1m }]";

  private static String profile(String name, String domain) {
    return "authorize: { %s: { domain: %s, attributes: { ip: client-address } } }"
        .formatted(name, domain);
  }

  private static LoadedRules load(Map<String, String> files) {
    return RuleFiles.load(
        new TreeMap<>(files)
            .entrySet().stream()
                .map(file -> new RuleFiles.Source(file.getKey(), file.getValue()))
                .toList());
  }

  private static String texts(List<?> lines) {
    return String.join("\n", lines.stream().map(Object::toString).toList());
  }

  @Test
  void everyField_isRead() {
    LoadedRules loaded =
        load(
            Map.of(
                "edge.yaml",
                EDGE,
                "gateways.yaml",
                """
                authorize:
                  web:
                    domain: edge
                    attributes:
                      a: client-address
                      b: { client-address: { v4: 24 } }
                      c: { header: X-User, default: nobody }
                      d: { query: "user id" }
                      e: { path-segment: 2 }
                      f: { value: 7 }
                      g: method-and-path
                    client-address-from: forwarded
                    trusted-proxies: 2
                    method-header: X-Original-Method
                    uri-header: X-Original-URI
                    host-header: none
                    cost: { header: X-Cost, most: 1_000 }
                    on-denial: { rate: 429, quota: 403, never: 413, gateway-status: 401 }
                    on-no-decision: allow
                    deadline-headers: true
                    headers:
                      groups: [ratelimit-limit, x-ratelimit-used]
                      names: [A, B, C]
                      retry-after: date
                      reset: epoch
                      when-admitted: false
                """));
    assertEquals("", texts(loaded.problems()) + texts(loaded.warnings()));
    assertEquals(
        new Profile(
            "web",
            "gateways.yaml",
            "edge",
            new Reading(
                List.of(
                    new Reading.Attribute("a", AttributeSource.Client.WHOLE, null),
                    new Reading.Attribute("b", new AttributeSource.Client(24, 128), null),
                    new Reading.Attribute("c", new AttributeSource.Header("X-User"), "nobody"),
                    new Reading.Attribute("d", new AttributeSource.Query("user id"), null),
                    new Reading.Attribute("e", new AttributeSource.Segment(2), null),
                    new Reading.Attribute("f", new AttributeSource.Value("7"), null),
                    new Reading.Attribute("g", new AttributeSource.MethodAndPath(), null)),
                new OriginalHeaders("X-Original-Method", "X-Original-URI", null),
                new ClientAddress(ClientAddress.From.FORWARDED, "forwarded", 2),
                new Cost("X-Cost", 1, 1_000),
                /* deadline= */ true),
            new Telling(
                new OnDenial(
                    Map.of(DenialKind.QUOTA, 403, DenialKind.NEVER, 413), OptionalInt.of(401)),
                OnNoDecision.ALLOW,
                new HeaderChoice(
                    Set.of(HeaderGroup.RATELIMIT_LIMIT, HeaderGroup.X_RATELIMIT_USED),
                    new HeaderNames("A", "B", "C"),
                    HeaderChoice.RetryAfter.DATE,
                    HeaderChoice.Reset.EPOCH),
                /* whenAdmitted= */ false)),
        loaded.table().profiles().find("web"));
  }

  @Test
  void whatIsLeftOut_hasADefault() {
    LoadedRules loaded = load(Map.of("edge.yaml", EDGE, "g.yaml", profile("web", "edge")));
    Profile profile = loaded.table().profiles().find("web");
    assertNotNull(profile);
    assertEquals(OriginalHeaders.DEFAULTS, profile.reading().original());
    assertEquals(ClientAddress.ofList("X-Forwarded-For", 1), profile.reading().client());
    assertEquals(Cost.ONE, profile.reading().cost());
    assertFalse(profile.reading().deadline());
    assertEquals(
        new Telling(OnDenial.DEFAULT, OnNoDecision.ERROR, Telling.DEFAULT_HEADERS, true),
        profile.telling());
    assertNull(loaded.table().profiles().find("other"));
  }

  @Test
  void aProfileInTwoFiles_isAProblemOfBoth() {
    LoadedRules loaded =
        load(
            Map.of(
                "edge.yaml",
                EDGE,
                "a.yaml",
                profile("web", "edge"),
                "b.yaml",
                profile("web", "edge")));
    assertEquals(
        """
        a.yaml:1:14: profile "web" is also in b.yaml; rename or remove one
        b.yaml:1:14: profile "web" is also in a.yaml; rename or remove one""",
        texts(loaded.problems()));
    assertThrows(RulesUnreadableException.class, () -> loaded.table().profiles().find("web"));
  }

  @Test
  void aDomainThatIsNotThere_andAHeaderThatAnybodyWrites_areWarnedOf() {
    LoadedRules loaded =
        load(
            Map.of(
                "edge.yaml",
                EDGE,
                "envoy.yaml",
                "domain: envoy\ndescriptors: [{ key: a }]",
                "a.yaml",
                profile("a", "egde"),
                "b.yaml",
                profile("b", "envoy"),
                "c.yaml",
                "authorize: { c: { domain: edge, attributes: { ip: { header: x-forwarded-for } } } }"));
    assertEquals("", texts(loaded.problems()));
    assertEquals(
        """
        a.yaml:1:27: domain "egde" of profile a is in no file here; did you mean edge?
        b.yaml:1:27: domain "envoy" of profile b is made of descriptors, which only Envoy's protocol asks; use a domain of rules
        c.yaml:1:61: x-forwarded-for begins with what the caller likes; use client-address""",
        texts(loaded.warnings()));
  }

  @Test
  void aBadFile_keepsTheProfilesItHeld_andGoodOnesChange() {
    RuleTable before =
        load(Map.of(
                "edge.yaml", EDGE, "a.yaml", profile("a", "edge"), "b.yaml", profile("b", "edge")))
            .table();
    for (String bad : List.of("authorize: [", "authorize: { a: {} }", "authorize: { x: {} }")) {
      RuleTable after =
          load(Map.of(
                  "edge.yaml",
                  EDGE,
                  "a.yaml",
                  bad,
                  "b.yaml",
                  "authorize: { c: { domain: edge, attributes: {} } }"))
              .orLastGood(before);
      assertEquals(Set.of("a", "c"), after.profiles().names(), bad);
      assertEquals(Set.of("edge"), after.domains(), bad);
    }
    RuleTable removed = load(Map.of("edge.yaml", EDGE)).orLastGood(before);
    assertEquals(Set.of(), removed.profiles().names());
  }

  /** Also under another file's name. */
  @Test
  void aProfileThatABadFileNames_stays() {
    RuleTable before = load(Map.of("edge.yaml", EDGE, "a.yaml", profile("a", "edge"))).table();
    RuleTable after =
        load(Map.of("edge.yaml", EDGE, "new.yaml", "authorize: { a: {} }")).orLastGood(before);
    assertEquals(Set.of("a"), after.profiles().names());
  }

  @Test
  void aBadFileOfProfiles_keepsNoDomainThatIsGone() {
    RuleTable before = load(Map.of("edge.yaml", EDGE, "a.yaml", profile("a", "edge"))).table();
    RuleTable after = load(Map.of("a.yaml", "authorize: { a: {} }")).orLastGood(before);
    assertEquals(Set.of(), after.domains());
    assertEquals(Set.of("a"), after.profiles().names());
  }
}
