-- PostgreSQL, version 1: the tables of the system that tubeops replaces, as its set-up script makes
-- them. Run in an empty database only; in one that has these tables already they stay as they are.

CREATE TABLE channels (
	id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
	channel_id varchar(255) NOT NULL UNIQUE,
	title varchar(500),
	description text,
	subscriber_count bigint,
	video_count bigint,
	view_count bigint,
	country varchar(10),
	language varchar(10),
	custom_url varchar(255),
	published_at timestamp,
	thumbnail_url varchar(500),
	banner_url varchar(500),
	keywords text[],
	topic_categories text[],
	last_updated timestamp DEFAULT CURRENT_TIMESTAMP,
	metadata_fetched boolean DEFAULT FALSE,
	videos_fetched boolean DEFAULT FALSE,
	discovery_processed boolean DEFAULT FALSE,
	source varchar(50) DEFAULT 'migration',
	discovered_from uuid REFERENCES channels (id),
	created_at timestamp DEFAULT CURRENT_TIMESTAMP,
	updated_at timestamp DEFAULT CURRENT_TIMESTAMP
);

CREATE TABLE videos (
	id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
	video_id varchar(255) NOT NULL UNIQUE,
	channel_id uuid NOT NULL REFERENCES channels (id) ON DELETE CASCADE,
	channel_external_id varchar(255) NOT NULL,
	title varchar(500),
	description text,
	published_at timestamp,
	duration varchar(20),
	view_count bigint,
	like_count bigint,
	comment_count bigint,
	thumbnail_url varchar(500),
	tags text[],
	category_id integer,
	language varchar(10),
	created_at timestamp DEFAULT CURRENT_TIMESTAMP,
	updated_at timestamp DEFAULT CURRENT_TIMESTAMP
);

CREATE TABLE api_keys (
	id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
	key_name varchar(100) NOT NULL,
	api_key varchar(255) NOT NULL,
	service varchar(50) NOT NULL DEFAULT 'youtube',
	quota_limit integer DEFAULT 10000,
	quota_used integer DEFAULT 0,
	quota_reset_date date DEFAULT CURRENT_DATE,
	is_active boolean DEFAULT TRUE,
	last_used timestamp,
	error_count integer DEFAULT 0,
	created_at timestamp DEFAULT CURRENT_TIMESTAMP,
	updated_at timestamp DEFAULT CURRENT_TIMESTAMP
);

CREATE TABLE processing_jobs (
	id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
	job_type varchar(50) NOT NULL,
	status varchar(20) DEFAULT 'pending',
	channel_id uuid REFERENCES channels (id),
	total_items integer,
	processed_items integer DEFAULT 0,
	error_message text,
	started_at timestamp,
	completed_at timestamp,
	created_at timestamp DEFAULT CURRENT_TIMESTAMP
);

CREATE TABLE channel_discoveries (
	id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
	source_channel_id uuid NOT NULL REFERENCES channels (id),
	discovered_channel_id varchar(255) NOT NULL,
	discovery_method varchar(50) NOT NULL,
	service_name varchar(50) NOT NULL,
	confidence_score double precision,
	already_exists boolean DEFAULT FALSE,
	created_at timestamp DEFAULT CURRENT_TIMESTAMP,
	UNIQUE (source_channel_id, discovered_channel_id, discovery_method)
);

CREATE INDEX idx_channels_channel_id ON channels (channel_id);
CREATE INDEX idx_channels_last_updated ON channels (last_updated);
CREATE INDEX idx_channels_metadata_fetched ON channels (metadata_fetched);
CREATE INDEX idx_channels_videos_fetched ON channels (videos_fetched);
CREATE INDEX idx_channels_discovery_processed ON channels (discovery_processed);
CREATE INDEX idx_videos_channel_id ON videos (channel_id);
CREATE INDEX idx_videos_video_id ON videos (video_id);
CREATE INDEX idx_videos_published_at ON videos (published_at);
CREATE INDEX idx_api_keys_service ON api_keys (service);
CREATE INDEX idx_api_keys_is_active ON api_keys (is_active);
CREATE INDEX idx_processing_jobs_status ON processing_jobs (status);
CREATE INDEX idx_processing_jobs_job_type ON processing_jobs (job_type);
CREATE INDEX idx_channel_discoveries_source ON channel_discoveries (source_channel_id);
CREATE INDEX idx_channel_discoveries_discovered ON channel_discoveries (discovered_channel_id);

CREATE OR REPLACE FUNCTION update_updated_at_column() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	NEW.updated_at = CURRENT_TIMESTAMP;
	RETURN NEW;
END;
$$;
CREATE TRIGGER update_channels_updated_at BEFORE UPDATE ON channels
	FOR EACH ROW EXECUTE FUNCTION update_updated_at_column();
CREATE TRIGGER update_videos_updated_at BEFORE UPDATE ON videos
	FOR EACH ROW EXECUTE FUNCTION update_updated_at_column();
CREATE TRIGGER update_api_keys_updated_at BEFORE UPDATE ON api_keys
	FOR EACH ROW EXECUTE FUNCTION update_updated_at_column();
