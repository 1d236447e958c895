package org.convzoo.pretrained;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.SocketAddress;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.convzoo.failure.WrongUseException;

/**
 * The proxies of Java's properties ({@code https.proxyHost}) where there are any, else those that the environment names as
 * for other programs: {@code https_proxy}, {@code http_proxy}, {@code all_proxy} and {@code no_proxy}.
 */
final class Proxies extends ProxySelector {
    private final Map<String, String> environment;

    Proxies(Map<String, String> environment) {
        this.environment = environment;
    }

    @Override
    public List<Proxy> select(URI address) {
        if (System.getProperty(address.getScheme() + ".proxyHost") != null)
            return ProxySelector.getDefault().select(address);
        String given = first(address.getScheme() + "_proxy", "all_proxy");
        if (given.isEmpty() || direct(address.getHost())) return List.of(Proxy.NO_PROXY);
        URI proxy = address(given);
        if (proxy.getHost() == null) return List.of(Proxy.NO_PROXY);
        int port = proxy.getPort() < 0 ? 80 : proxy.getPort();
        return List.of(new Proxy(Proxy.Type.HTTP, new InetSocketAddress(proxy.getHost(), port)));
    }

    private static URI address(String proxy) {
        try {
            return URI.create(proxy.contains("://") ? proxy : "http://" + proxy);
        } catch (IllegalArgumentException e) { // whose message may have a password
            throw new WrongUseException(
                    "the proxy that the environment names, in https_proxy or the like, is no address");
        }
    }

    /** Servers set HTTP_PROXY from what a client sends, so that programs take it in small letters only. */
    private String first(String... names) {
        return Stream.of(names)
                .flatMap(name -> Stream.of(name, name.equals("http_proxy") ? name : name.toUpperCase(Locale.ROOT)))
                .map(name -> environment.getOrDefault(name, ""))
                .filter(value -> !value.isBlank())
                .findFirst()
                .orElse("");
    }

    private boolean direct(String host) {
        return Stream.of(first("no_proxy").split(","))
                .map(String::strip)
                .map(entry -> entry.startsWith(".") ? entry.substring(1) : entry)
                .anyMatch(entry ->
                        entry.equals("*") || !entry.isEmpty() && (host.equals(entry) || host.endsWith("." + entry)));
    }

    @Override
    public void connectFailed(URI address, SocketAddress proxy, IOException e) {
        // the request fails and tells
    }
}
