package io.limiter.server.cli.environment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LimiterVariablesTest {
  private static final Set<String> KNOWN =
      Set.of(
          "LIMITER_RULES",
          "LIMITER_REDIS",
          "LIMITER_REDIS_PASSWORD_FILE",
          "LIMITER_GRPC_PORT",
          "LIMITER_HTTP_PORT",
          "LIMITER_BIND");

  @ParameterizedTest
  @CsvSource({
    "LIMITER_RULE, LIMITER_RULES",
    "LIMITER_RULSE, LIMITER_RULES",
    "limiter_rules, LIMITER_RULES",
    "LIMITER_RULES_DIR, LIMITER_RULES",
    "LIMITER_REDIS_URL, LIMITER_REDIS",
    "LIMITER_REDIS_PASSWORD, LIMITER_REDIS_PASSWORD_FILE",
    "LIMITER_GRPC, LIMITER_GRPC_PORT",
    "LIMITER_BIND_ADDRESS, LIMITER_BIND"
  })
  void aVariableNearARealOne_isMisspelt(String name, String meant) {
    LimiterVariables found = LimiterVariables.of(Map.of(name, "x"), KNOWN, KNOWN);
    assertEquals(
        List.of(
            "%s: there is no such variable; did you mean %s? Unset it otherwise"
                .formatted(name, meant)),
        found.misspelt());
  }

  /** LIMITER_RULE is a variable of reset. */
  @Test
  void aVariableOfAnotherCommand_isMisspeltOnlyForWhatIsNotSet() {
    Set<String> known = Set.of("LIMITER_RULE", "LIMITER_RULES", "LIMITER_TARGET");
    Set<String> ofServe = Set.of("LIMITER_RULES");

    assertEquals(
        List.of(
            "LIMITER_RULE: this command does not read it; did you mean LIMITER_RULES? Unset it"
                + " otherwise"),
        LimiterVariables.of(Map.of("LIMITER_RULE", "x"), known, ofServe).misspelt());
    for (Map<String, String> meant :
        List.of(
            Map.of("LIMITER_RULE", "x", "LIMITER_RULES", "/r"), Map.of("LIMITER_TARGET", "h:1"))) {
      assertEquals(
          new LimiterVariables(List.of(), Set.of(), Set.of(), Set.of()),
          LimiterVariables.of(meant, known, ofServe));
    }
  }

  /** As a pod gets them that stands beside Services limiter, limiter-grpc and limiter-redis. */
  @Test
  void whatKubernetesSets_isKnownByItsForm() {
    Map<String, String> links = new HashMap<>();
    for (String service : List.of("LIMITER", "LIMITER_GRPC", "LIMITER_REDIS")) {
      links.put(service + "_SERVICE_HOST", "10.0.0.7");
      links.put(service + "_SERVICE_PORT", "8081");
      links.put(service + "_SERVICE_PORT_GRPC", "8081");
      links.put(service + "_PORT", "tcp://10.0.0.7:8081");
      links.put(service + "_PORT_8081_TCP", "tcp://10.0.0.7:8081");
      links.put(service + "_PORT_8081_TCP_PROTO", "tcp");
      links.put(service + "_PORT_8081_TCP_PORT", "8081");
      links.put(service + "_PORT_8081_TCP_ADDR", "10.0.0.7");
    }
    LimiterVariables found = LimiterVariables.of(links, KNOWN, KNOWN);
    assertEquals(links.keySet(), found.serviceLinks());
    assertEquals(List.of(), found.misspelt());
    assertEquals(Set.of(), found.unknown());
  }

  @Test
  void others_areUnknown_andEmptyOnesAbsent() {
    Map<String, String> environment =
        Map.of(
            "LIMITER_VERSION", "3",
            "LIMITER_RULE", "",
            "LIMITER_RULES", "/r",
            "LIMITER_JAVA_OPTS", "-Xmx1g",
            "RULES", "/r");
    LimiterVariables found = LimiterVariables.of(environment, KNOWN, KNOWN);
    assertEquals(
        new LimiterVariables(
            List.of(), Set.of("LIMITER_VERSION"), Set.of("LIMITER_JAVA_OPTS"), Set.of()),
        found);
    assertTrue(
        found
            .warnings()
            .contains(
                "Not read, since bin/limiter alone reads it: LIMITER_JAVA_OPTS;"
                    + " set JDK_JAVA_OPTIONS, which Java reads itself"),
        () -> "" + found.warnings());
  }
}
