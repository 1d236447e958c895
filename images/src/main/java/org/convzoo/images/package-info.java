/**
 * From files to batches. {@link org.convzoo.images.Splits#open} finds a data set;
 * {@link org.convzoo.images.PictureReader} decodes a file to a {@link org.convzoo.images.Picture};
 * {@link org.convzoo.images.Transform} (what every picture goes through, stored with the model) and
 * {@link org.convzoo.images.Augmentation} (what training adds at random) are data;
 * {@link org.convzoo.images.Loader} makes batches of it all on worker threads. {@link org.convzoo.images.Resize} makes
 * Pillow's pixels, byte for byte. {@link org.convzoo.images.Survey} is what is likely wrong with a data set.
 */
@NullMarked
package org.convzoo.images;

import org.jspecify.annotations.NullMarked;
