package io.limiter.jmh.load.traffic;

import io.limiter.client.CheckRequest;
import io.limiter.envoy.descriptor.RateLimitDescriptor;
import io.limiter.envoy.service.RateLimitRequest;
import io.limiter.v1.CheckAndConsumeRequest;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A question as flags write it: names and values between commas, such as {@code user,plan=gold}; a
 * name without a value stands for a key. For Envoy's protocol, a semicolon separates descriptors.
 *
 * @param plans how many plans the keys are dealt out to, each key always to the same; 0 for a
 *     question that names none but in its text
 */
public record Question(String domain, String text, int plans) {
  /** Before a key's digits. */
  private static final String KEY = "k-";

  /** Before a plan's digits. */
  private static final String PLAN = "p-";

  public Question {
    for (String pair : text.split("[,;]", -1)) {
      if (pair.isEmpty() || pair.startsWith("=")) {
        throw new IllegalArgumentException(
            "question \"%s\" has an entry without a name; write it as user,plan=gold"
                .formatted(text));
      }
    }
  }

  public Question(String domain, String text) {
    this(domain, text, 0);
  }

  /** The value of the attribute {@code plan} for the plan of this number. */
  public static String plan(int number) {
    return PLAN + Prototype.digits(number);
  }

  public CheckAndConsumeRequest.Builder message() {
    return CheckAndConsumeRequest.newBuilder()
        .setDomain(domain)
        .putAllAttributes(attributes(KEY + Prototype.PLACE, PLAN + Prototype.PLAN_PLACE));
  }

  public RateLimitRequest descriptors() {
    RateLimitRequest.Builder request = RateLimitRequest.newBuilder().setDomain(domain);
    for (String descriptor : text.split(";", -1)) {
      var builder = RateLimitDescriptor.newBuilder();
      entries(descriptor, KEY + Prototype.PLACE)
          .forEach((name, value) -> builder.addEntriesBuilder().setKey(name).setValue(value));
      request.addDescriptors(builder);
    }
    return request.build();
  }

  public CheckRequest of(int key) {
    return CheckRequest.in(domain).attributes(attributes(key));
  }

  /** What it says about a key, beside the domain. */
  public Map<String, String> attributes(int key) {
    return attributes(KEY + Prototype.digits(key), plans == 0 ? "" : plan(key % plans));
  }

  private Map<String, String> attributes(String key, String plan) {
    Map<String, String> attributes = entries(text, key);
    if (plans > 0) {
      attributes.put("plan", plan);
    }
    return attributes;
  }

  private static Map<String, String> entries(String text, String key) {
    Map<String, String> entries = new LinkedHashMap<>();
    for (String pair : text.split("[,;]", -1)) {
      int equals = pair.indexOf('=');
      entries.put(
          equals < 0 ? pair : pair.substring(0, equals),
          equals < 0 ? key : pair.substring(equals + 1));
    }
    return entries;
  }
}
