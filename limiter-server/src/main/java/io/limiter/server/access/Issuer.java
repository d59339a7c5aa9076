package io.limiter.server.access;

import java.net.URI;
import java.time.Duration;

/**
 * Who signs tokens. Immutable.
 *
 * @param name by which callers refer to it
 * @param issuer what its tokens have as {@code iss}
 * @param audience what they have as {@code aud}, maybe among others
 * @param keys where its public keys are: a file of a JWKS document or PEM, or the URL of a document
 * @param leeway how far clocks may differ
 */
public record Issuer(String name, String issuer, String audience, URI keys, Duration leeway) {
  /** Whether its keys are in a file of this host. */
  public boolean hasFile() {
    return keys.getScheme().equals("file");
  }
}
