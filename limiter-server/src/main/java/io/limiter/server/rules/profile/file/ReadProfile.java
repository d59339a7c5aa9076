package io.limiter.server.rules.profile.file;

import io.limiter.server.rules.profile.Profile;
import io.limiter.server.rules.yaml.Located;
import java.util.Optional;
import org.snakeyaml.engine.v2.nodes.Node;

/**
 * A profile as it was found in a file.
 *
 * @param at where its name stands
 * @param domain that it asks about, and where it says so; empty when it does not
 * @param profile empty when something is wrong with it
 */
public record ReadProfile(Node at, Optional<Located<String>> domain, Optional<Profile> profile) {}
