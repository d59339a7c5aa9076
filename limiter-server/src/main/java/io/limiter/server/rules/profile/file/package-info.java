/** The readers of profiles for gateways, and their part of the JSON Schema. */
@NullMarked
package io.limiter.server.rules.profile.file;

import org.jspecify.annotations.NullMarked;
