package io.limiter.server.rules.file;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.limiter.server.rules.Rule;
import io.limiter.server.rules.table.EnvoyConfig;
import org.junit.jupiter.api.Test;

/** The cases that the documentation of Envoy's own service explains, as configurations of ours. */
class EnvoyExamplesTest {

  @Test
  void values_haveALimitEach() {
    EnvoyConfig config = EnvoyConfig.example("values");
    assertEquals(
        "500/second 250/second -", config.limits("store=orders", "store=audit", "store=x"));
  }

  @Test
  void nested_limitsAValueWithinAnother_andEachInAll() {
    EnvoyConfig config = EnvoyConfig.example("nested");
    assertEquals("5/day 100/day", config.limits("message=advert number=555", "number=555"));
    assertEquals("-", config.limits("message=advert"));
    assertEquals("-", config.limits("message=receipt number=555"));
    assertEquals("message=advert number=555", config.counter("message=advert number=555"));
    assertEquals("number=555", config.counter("number=555"));
  }

  @Test
  void banned_isTheMostSpecific() {
    EnvoyConfig config = EnvoyConfig.example("banned");
    assertEquals("10/second 0/second", config.limits("address=192.0.2.1", "address=192.0.2.66"));
  }

  @Test
  void depth_isThatOfTheRequest() {
    assertEquals("-", EnvoyConfig.example("shallow").limits("tenant=acme job=nightly"));
    assertEquals("300/second", EnvoyConfig.example("shallow").limits("tenant=acme"));
    assertEquals("300/second", EnvoyConfig.example("deep").limits("tenant=acme job=nightly"));
    assertEquals("-", EnvoyConfig.example("deep").limits("tenant=acme"));
  }

  @Test
  void unlimited_isNotTheSameAsUnknown() {
    assertEquals(
        "unlimited 100/minute -",
        EnvoyConfig.example("unlimited").limits("backend=ldap", "backend=mail", "backend=x"));
  }

  @Test
  void shadow_isForOneUserAndEnforcedForAnother() {
    EnvoyConfig config = EnvoyConfig.example("shadow");
    assertEquals(
        "10/second 20/second", config.limits("service=auth user=ann", "service=auth user=bob"));
    assertEquals(Rule.Mode.SHADOW, config.limited("service=auth user=ann").rule().mode());
    assertEquals(Rule.Mode.ENFORCE, config.limited("service=auth user=bob").rule().mode());
  }

  @Test
  void replaces_dropsTheGeneralLimit_onlyWhenBothAreAsked() {
    EnvoyConfig config = EnvoyConfig.example("replaces");
    assertEquals("5/second", config.limits("kind=read user=ann"));
    assertEquals("10/second", config.limits("page=list user=ann"));
    assertEquals("- 10/second", config.limits("kind=read user=ann", "page=list user=ann"));
  }

  @Test
  void detailed_namesValuesThatTheFileDoesNot() {
    EnvoyConfig config = EnvoyConfig.example("detailed");
    assertEquals("10/minute 20/minute", config.limits("route=/a", "route=/known"));
    assertEquals("route_/a", config.metric("route=/a"));
    assertEquals("route_/b", config.metric("route=/b"));
    assertEquals("route_/known", config.metric("route=/known"));
  }

  @Test
  void wildcard_limitsEachOfItsValues() {
    EnvoyConfig config = EnvoyConfig.example("wildcard");
    assertEquals("20/minute 20/minute -", config.limits("path=/v1/a", "path=/v1/b", "path=/v2/a"));
    assertEquals("path=/v1/a", config.counter("path=/v1/a"));
  }
}
