-- Pictures of pages, which click maps are drawn over. Written by Heatmaps/ only.
CREATE TABLE heatmap_pictures (
    page TEXT NOT NULL,
    -- phone, tablet, desktop
    band TEXT NOT NULL,
    media_type TEXT NOT NULL,
    width BIGINT NOT NULL,
    height BIGINT NOT NULL,
    content {blob} NOT NULL,
    uploaded_ms BIGINT NOT NULL,
    PRIMARY KEY (page, band)
) {without_rowid};
