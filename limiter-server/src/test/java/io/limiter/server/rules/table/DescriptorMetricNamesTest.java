package io.limiter.server.rules.table;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

/** How metrics call the limits of descriptors: as Envoy's own service, without the domain. */
class DescriptorMetricNamesTest {

  private static EnvoyConfig config(String outer, String inner) {
    return EnvoyConfig.descriptors(
        """
        - key: path
          value: /a*
          %s
          descriptors:
            - { key: user, %s rate_limit: { unit: day } }
            - { key: user, value: root, %s rate_limit: { unit: day } }
        """
            .formatted(outer, inner, inner));
  }

  @Test
  void aName_isTheWayThroughTheFile() {
    EnvoyConfig config = config("", "");
    assertEquals("path_/a*.user", config.metric("path=/ab user=u"));
    assertEquals("path_/a*.user_root", config.metric("path=/ab user=root"));
  }

  @Test
  void aName_hasEveryLevel() {
    EnvoyConfig config =
        EnvoyConfig.descriptors(
            """
            - key: a
              value: x
              descriptors:
                - key: b
                  descriptors: [{ key: c, value: z*, rate_limit: { unit: day } }]
            """);
    assertEquals("a_x.b.c_z*", config.metric("a=x b=y c=zz"));
  }

  @Test
  void valueToMetric_namesTheValue_ofItsOwnLevelOnly() {
    assertEquals("path_/ab.user", config("value_to_metric: true", "").metric("path=/ab user=u"));
    EnvoyConfig inner = config("", "value_to_metric: true,");
    assertEquals("path_/a*.user_u", inner.metric("path=/ab user=u"));
    assertEquals("path_/a*.user_root", inner.metric("path=/ab user=root"));
    assertEquals("path_/a*.user", inner.metric("path=/ab user="));
  }

  @Test
  void detailedMetric_namesEveryValue() {
    EnvoyConfig config = config("", "detailed_metric: true,");
    assertEquals("path_/ab.user_u", config.metric("path=/ab user=u"));
    assertEquals("path_/ab.user_root", config.metric("path=/ab user=root"));
  }

  @Test
  void detailedMetric_onALevelOnTheWay_saysNothing() {
    assertEquals("path_/a*.user", config("detailed_metric: true", "").metric("path=/ab user=u"));
  }

  @Test
  void shareThreshold_alwaysShowsTheWildcard() {
    EnvoyConfig both =
        config("share_threshold: true\n  value_to_metric: true", "value_to_metric: true,");
    assertEquals("path_/a*.user_u", both.metric("path=/ab user=u"));
    EnvoyConfig detailed = config("share_threshold: true", "detailed_metric: true,");
    assertEquals("path_/a*.user_u", detailed.metric("path=/ab user=u"));
  }
}
