package io.limiter.server.rules.table;

import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.limiter.server.rules.Descriptor;
import io.limiter.server.rules.DescriptorMatch;
import io.limiter.server.rules.Domain;
import io.limiter.server.rules.file.LoadedRules;
import io.limiter.server.rules.file.RuleFiles;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;

/** A configuration with descriptors, asked in short texts. */
public final class EnvoyConfig {
  private final Domain.OfDescriptors rules;

  private EnvoyConfig(Domain.OfDescriptors rules) {
    this.rules = rules;
  }

  /** A file that must load. */
  public static EnvoyConfig of(String yaml) {
    LoadedRules loaded = RuleFiles.load(List.of(new RuleFiles.Source("envoy.yaml", yaml)));
    if (!loaded.problems().isEmpty()) {
      throw new IllegalArgumentException(loaded.problems().toString());
    }
    String domain = loaded.table().domains().iterator().next();
    return new EnvoyConfig(
        assertInstanceOf(Domain.OfDescriptors.class, loaded.table().domain(domain)));
  }

  /** The descriptors alone, below {@code domain: d}. */
  public static EnvoyConfig descriptors(String yaml) {
    return of("domain: d\ndescriptors:\n" + yaml);
  }

  /** An example that is a test resource. */
  public static EnvoyConfig example(String name) {
    try (InputStream stream =
        EnvoyConfig.class.getResourceAsStream("/envoy-examples/" + name + ".yaml")) {
      return of(
          new String(Objects.requireNonNull(stream, name).readAllBytes(), StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public Domain.OfDescriptors rules() {
    return rules;
  }

  /** A descriptor written {@code a=1 b=2}. */
  public static Descriptor descriptor(String text) {
    List<Descriptor.Entry> entries = new ArrayList<>();
    for (String entry : text.isEmpty() ? new String[0] : text.split(" ", -1)) {
      int equals = entry.indexOf('=');
      entries.add(new Descriptor.Entry(entry.substring(0, equals), entry.substring(equals + 1)));
    }
    return new Descriptor(entries, null);
  }

  public List<DescriptorMatch> match(String... descriptors) {
    List<Descriptor> asked = new ArrayList<>();
    for (String descriptor : descriptors) {
      asked.add(descriptor(descriptor));
    }
    return rules.match(asked);
  }

  /** What limits each: {@code 5/minute}, {@code unlimited} or {@code -}. */
  public String limits(String... descriptors) {
    return match(descriptors).stream().map(EnvoyConfig::limit).collect(Collectors.joining(" "));
  }

  public static String limit(DescriptorMatch match) {
    if (match instanceof DescriptorMatch.Limited limited) {
      return limited.terms().requestsPerUnit() + "/" + limited.terms().period();
    }
    return match instanceof DescriptorMatch.Unlimited ? "unlimited" : "-";
  }

  public DescriptorMatch.Limited limited(String descriptor) {
    if (match(descriptor).get(0) instanceof DescriptorMatch.Limited limited) {
      return limited;
    }
    throw new IllegalArgumentException(descriptor + " is not limited");
  }

  /** How metrics call what limits a descriptor. */
  public String metric(String descriptor) {
    return limited(descriptor).rule().name();
  }

  /** The counter of a descriptor: {@code key=value}, or {@code key~wildcard} where it is shared. */
  public String counter(String descriptor) {
    return limited(descriptor).counter().parts().stream()
        .map(part -> part.key() + (part.shared() ? "~" : "=") + part.value())
        .collect(Collectors.joining(" "));
  }
}
