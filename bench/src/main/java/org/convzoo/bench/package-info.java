/**
 * Measuring, for those who work on the engine: micro benchmarks for JMH ({@link org.convzoo.bench.LayerBenchmark} and its
 * neighbours, run by {@code bench/jmh}), and {@link org.convzoo.bench.PerformancePage}, which writes docs/performance.md
 * from what a comparison with other frameworks measured ({@link org.convzoo.bench.Results}).
 */
@NullMarked
package org.convzoo.bench;

import org.jspecify.annotations.NullMarked;
