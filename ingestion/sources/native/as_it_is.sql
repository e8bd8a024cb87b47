select * from source
