package io.limiter.server.envoy;

/** What can be too large in a request of Envoy's protocol. */
public enum Bound {
  /** The whole message, in bytes. */
  MESSAGE,
  /** The name of the domain, in bytes. */
  DOMAIN,
  /** How many descriptors there are. */
  DESCRIPTORS,
  /** How many entries a descriptor has. */
  ENTRIES,
  /** The key of an entry, in bytes. */
  KEY,
  /** The hits of a descriptor. */
  HITS
}
