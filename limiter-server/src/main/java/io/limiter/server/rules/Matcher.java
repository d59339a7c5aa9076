package io.limiter.server.rules;

import io.limiter.server.rules.table.DescriptorRules;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Which rules apply to a request. Immutable; safe to share between threads. */
public interface Matcher {

  /** The rules of {@code domain} that apply to a request with these attributes. */
  Match match(String domain, Map<String, String> attributes);

  /** The domain's descriptors; null for a domain of rules and for an unknown one. */
  default @Nullable DescriptorRules descriptors(String domain) {
    return null;
  }

  /**
   * Why each rule of {@code domain} applies to a request or does not. Looks at all of them, and
   * costs accordingly. Rules that nobody wrote down explain nothing.
   *
   * @param entries the request's attributes; in a domain of descriptors, one descriptor
   */
  default Explanation explain(String domain, List<Descriptor.Entry> entries) {
    return new Explanation.UnknownDomain();
  }

  /** What tells these rules from those before and after them; empty when nothing does. */
  default String hash() {
    return "";
  }
}
