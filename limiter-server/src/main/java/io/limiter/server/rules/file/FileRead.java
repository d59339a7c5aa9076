package io.limiter.server.rules.file;

import java.util.Optional;

/**
 * One file of rules as it was found.
 *
 * @param file its name, without its directory
 * @param sha256 of what is in it, in 64 hexadecimal digits; empty when it could not be read
 * @param domain what it says it is for; empty when it does not say
 * @param prices whether it is of prices, and so of no domain
 * @param good whether its domain is in the table that it was read for
 */
public record FileRead(
    String file, Optional<String> sha256, Optional<String> domain, boolean prices, boolean good) {

  /** Its name and the hash, if it could be read. */
  public Optional<ContentHash.Named> named() {
    return sha256.map(hash -> new ContentHash.Named(file, hash));
  }
}
