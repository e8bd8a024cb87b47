{{ judged_rows('postings') }}
