package io.limiter.server.decide;

import io.limiter.algorithm.Limit;
import io.limiter.server.key.ValueHash;
import io.limiter.server.rules.Rule;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A question in 128 bits of SHA-256: questions that differ in anything that is charged have
 * different fingerprints. Texts are digested with their length and lists with their count, so that
 * no two questions are digested alike. Where values are hashed with a secret, so is this: what was
 * asked cannot be tried out against it.
 *
 * <p>The form outlives an instance by a minute, in Redis. Change it, and an upgrade turns the
 * repetitions of that minute into conflicts.
 */
final class Fingerprint implements Limit.Identity {
  private final MessageDigest digest;

  private Fingerprint(MessageDigest digest) {
    this.digest = digest;
  }

  static String of(Request request, ValueHash values) {
    Fingerprint print = new Fingerprint(sha256());
    add(request, print);
    return print.text(values);
  }

  /** Of requests that are one question. */
  static String of(List<Request> requests, ValueHash values) {
    Fingerprint print = new Fingerprint(sha256());
    print.add(requests.size());
    requests.forEach(request -> add(request, print));
    return print.text(values);
  }

  private static void add(Request request, Fingerprint print) {
    print.add(request.domain());
    print.add(request.attributes().size());
    new TreeMap<>(request.attributes())
        .forEach(
            (name, value) -> {
              print.add(name);
              print.add(value);
            });
    print.add(request.cost());
    print.add(request.unitCosts().size());
    for (Map.Entry<String, Long> unit : new TreeMap<>(request.unitCosts()).entrySet()) {
      print.add(unit.getKey());
      print.add(unit.getValue());
    }
    print.add(request.inlineRules().size());
    request.inlineRules().forEach(print::add);
    if (request.holdMicros() > 0) {
      print.add(request.holdMicros());
    }
  }

  private String text(ValueHash values) {
    String plain =
        Base64.getUrlEncoder().withoutPadding().encodeToString(Arrays.copyOf(digest.digest(), 16));
    return values.isKeyed() ? values.digest(plain) : plain;
  }

  private void add(Rule rule) {
    add(rule.name());
    add(rule.key().size());
    rule.key().forEach(this::add);
    add(rule.unit());
    add(rule.limit());
  }

  private void add(Limit limit) {
    add(limit.algorithm().letter());
    add(limit.limit());
    limit.identify(this);
  }

  @Override
  public void add(long number) {
    digest.update(ByteBuffer.allocate(Long.BYTES).putLong(0, number));
  }

  @Override
  public void add(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    add(bytes.length);
    digest.update(bytes);
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException impossible) {
      throw new AssertionError("every Java runtime has SHA-256", impossible);
    }
  }
}
