package io.limiter.server.rules.price;

import io.limiter.server.rules.PriceList;
import io.limiter.server.rules.yaml.Located;
import java.util.Optional;

/**
 * A list of prices as it was found in a file.
 *
 * @param name the list's, and where it stands; empty when it is missing or none
 * @param list empty when something is wrong with it
 */
public record ReadPrices(Optional<Located<String>> name, Optional<PriceList> list) {}
