package io.limiter.server.access;

import java.nio.file.Path;
import java.time.Duration;

/**
 * Who signs tokens. Immutable.
 *
 * @param name by which callers refer to it
 * @param issuer what its tokens have as {@code iss}
 * @param audience what they have as {@code aud}, maybe among others
 * @param keys a file of its public keys: a JWKS document, or PEM
 * @param leeway how far clocks may differ
 */
public record Issuer(String name, String issuer, String audience, Path keys, Duration leeway) {}
