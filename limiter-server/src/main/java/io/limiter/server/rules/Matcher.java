package io.limiter.server.rules;

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
}
