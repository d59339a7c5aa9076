/**
 * What a gateway's request says of the one that it asks about: a profile, compiled from a file,
 * reads attributes and a cost from it. Knows no transport.
 */
@NullMarked
package io.limiter.server.rules.profile;

import org.jspecify.annotations.NullMarked;
